#pragma once

#include "core/transport/wire.h"

#include <atomic>
#include <httplib.h>
#include <optional>

namespace percept::transport {

// httplib's server with an end to its patience: its own waiting time begins anew with each byte, so that a peer who sends
// one now and then keeps a thread for ever. Here a request as a whole has a time, and a shorter one while others wait for
// a thread; an idle connection gives its thread away at once then. The same with TLS, whose handshake has the time of a request.
class PatientServer : public httplib::Server {
public:
    struct Patience {
        double requestSeconds = 10, crowdedSeconds = 1;
    };
    // A `tls` that is null makes a server that is not valid.
    PatientServer(const Patience& patience, int threads, std::optional<TlsContext> tls = {});
    bool is_valid() const override { return !m_tls || *m_tls != nullptr; }

    // Once it is bound. httplib lets five connections wait to be accepted; of more than that at once (a fleet that fetches a package)
    // the system drops some, and who is dropped tries again after seconds, then minutes.
    void letManyWait();

    double secondsForRequest() const { return m_waiting > 0 ? m_patience.crowdedSeconds : m_patience.requestSeconds; }
    bool isCrowded() const { return m_waiting > 0; }

private:
    class Tasks;
    bool process_and_close_socket(socket_t socket) override;

    const Patience m_patience;
    const std::optional<TlsContext> m_tls;
    std::atomic<int> m_waiting = 0; // connections without a thread
};

}
