#pragma once

#include "widgets/style/widgets.h"

class QBoxLayout;

namespace percept::studio {

// The panel at the right of a page. In a window narrower than kFoldsBelow it folds to a strip with a button that opens it;
// whoever opens or folds it by hand is not overruled until the window crosses that width again.
class SidePanel : public style::Surface {
    Q_OBJECT
public:
    static constexpr int kFoldsBelow = 1180, kStrip = 32;

    // `name` stands along the strip ("Classes and objects").
    SidePanel(const QString& name, int width, QWidget* parent = nullptr);
    QWidget* body() const { return m_body; } // the content goes into its layout
    void addToStrip(QWidget* widget);        // below the button
    bool isFolded() const { return m_folded; }
    void setFolded(bool folded);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void followWindow();
    QWidget *m_body, *m_strip;
    QBoxLayout* m_extra;
    int m_width;
    bool m_folded = false, m_wasNarrow = false;
};

}
