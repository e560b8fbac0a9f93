#pragma once

#include "core/fleet/hub_client.h"

#include "widgets/style/widgets.h"

class QComboBox;
class QStackedWidget;

namespace percept::studio {

// Another machine: one line to paste there. Until the hub serves other machines, the way to let them in.
class JoinPanel : public style::Surface {
    Q_OBJECT
public:
    explicit JoinPanel(QWidget* parent = nullptr);
    void setAddresses(const std::vector<std::string>& addresses);
    void setServesOutside(bool outside);
    void setBusy(bool busy);
    void showGrant(const fleet::Grant& grant);
    void showProblem(const QString& sentence);
    void start(); // a new line; the focus goes to the name

signals:
    void openRequested(const QString& address);                    // let other machines reach the hub
    void lineRequested(const QString& device, const QString& ring);
    void closeRequested();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeOpening();
    QWidget* makeLineForm();

    QStackedWidget* m_stack; // opening, form
    QComboBox *m_address, *m_ring;
    QLineEdit *m_name, *m_line;
    QPushButton *m_open, *m_make, *m_copy;
    style::PlainLabel *m_until, *m_access, *m_problem; // m_access: what is left to do at somebody else's broker
};

}
