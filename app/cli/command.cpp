#include "app/cli/command.h"

namespace percept::cli {

nlohmann::json errorDocument(const base::Error& error)
{
    const auto code = [&] {
        switch (error.code) {
        case base::ErrorCode::NotFound: return "not-found";
        case base::ErrorCode::Usage: return "usage";
        case base::ErrorCode::Refused: return "refused";
        case base::ErrorCode::Cancelled: return "cancelled";
        case base::ErrorCode::Conflict: return "conflict";
        case base::ErrorCode::Failed: break;
        }
        return "failed";
    };
    return { { "error", error.message }, { "code", code() } };
}

}
