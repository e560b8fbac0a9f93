#pragma once

#include "core/monitoring/overview.h"

#include <QAbstractButton>
#include <QWidget>

class QButtonGroup;
class QVBoxLayout;

namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

// One alert: what, how sure, since when, and what to do next. Chosen by a click or the arrow keys.
class AlertCard : public QAbstractButton {
    Q_OBJECT
public:
    explicit AlertCard(monitoring::Alert alert, QWidget* parent = nullptr);
    const monitoring::Alert& alert() const { return m_alert; }
    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Part {
        QString text;
        int role = 0; // of style::TextRole
        bool isPale = false;
    };
    QVector<Part> parts() const;
    int layOut(class QPainter* painter, int width) const; // gives the height; draws when there is a painter

    monitoring::Alert m_alert;
};

// The left panel: open alerts, what is watched, the last of the closed ones.
class AlertList : public QWidget {
    Q_OBJECT
public:
    explicit AlertList(QWidget* parent = nullptr);
    // Keeps what is chosen, where it is still there.
    void setAlerts(const std::vector<monitoring::Alert>& alerts);

signals:
    void chosen(const percept::monitoring::Alert& alert);

private:
    void addSection(const QString& title, const QString& beside);
    void addCard(const monitoring::Alert& alert);
    void clear();

    QWidget* m_body;
    QVBoxLayout* m_column;
    QButtonGroup* m_group;
    QString m_shown; // what the list was made from
    QString m_chosen;
};

// "27 Nov, 18:40"
QString timeText(std::int64_t ms);

}
