#pragma once

#include <QWidget>

class QTimer;

namespace percept::studio {

class Page;
class StudioContext;

// 24 px at the foot: saved state first and always, what the page counts, right: figures, project and where it is kept.
class StatusLine : public QWidget {
    Q_OBJECT
public:
    explicit StatusLine(StudioContext& context, QWidget* parent = nullptr);
    void setPage(const Page* page);
    QString savedText() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    StudioContext& m_context;
    const Page* m_page = nullptr;
    bool m_slow = false; // writing for more than 300 ms
    QTimer* m_slowTimer;
};

}
