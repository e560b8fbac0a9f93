#pragma once

#include "core/fleet/rollout_view.h"
#include "core/services/check_package.h"
#include "widgets/style/widgets.h"

#include <QString>
#include <QWidget>
#include <vector>

namespace percept::studio {

// One line of a card: an icon, a sentence, a value at the right.
struct Fact {
    enum class State { Good, Open, Bad, Note, Waiting } state = State::Good;
    QString text, value;
    QString details {}; // for engineers, as the tooltip of the line
    bool operator==(const Fact&) const = default;
};

// A card of facts: title, a chip, lines, and at the foot a sentence or a button. Cards of rings show their devices, one
// square each.
class FactCard : public QWidget {
    Q_OBJECT
public:
    explicit FactCard(const QString& title, QWidget* parent = nullptr);
    void setTitle(const QString& title);
    void setChip(const QString& text, style::Tone tone); // empty: none
    void setFacts(std::vector<Fact> facts);
    void setStands(std::vector<fleet::DeviceStand> stands);
    void setFoot(const QString& text);
    void setCurrent(bool current); // framed in the accent
    QPushButton* button() const { return m_button; }
    void setButton(const QString& text); // empty: none
    QString tipAt(int y) const; // of the line there; empty: none
    QStringList cutTexts() const; // that do not fit in the card as it is now; for tests
    QSize sizeHint() const override { return { 264, neededHeight() }; }
    QSize minimumSizeHint() const override { return { 200, neededHeight() }; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    void speak();
    int factsTop() const;
    bool isFootAbove() const; // above the button, where there is no room beside it
    int footHeight() const;
    int neededHeight() const; // for every fact
    int paintStands(QPainter& painter, int top) const;
    void place();
    QString m_title;
    std::vector<Fact> m_facts;
    std::vector<fleet::DeviceStand> m_stands;
    bool m_isRing = false, m_isCurrent = false;
    style::Chip* m_chip;
    style::PlainLabel* m_foot;
    QPushButton* m_button;
};

// What stands on the card of a package; `isChecked`: percept-edge has answered its golden pictures just now.
std::vector<Fact> factsOf(const services::PackageFacts& package, bool isChecked);
QString bytesText(std::int64_t bytes); // "5.3 MB"
// Fills a card with what a roll-out makes of a ring. `byItself`: when it goes on from there by itself ("at 14:20"); empty: it does not.
void showRing(FactCard& card, const fleet::RingView& ring, bool hasRollout, const QString& byItself = {});

}
