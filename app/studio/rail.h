#pragma once

#include <QAbstractButton>
#include <QString>
#include <QWidget>
#include <functional>

class QButtonGroup;
class QVBoxLayout;

namespace percept::studio {

// One stop of the loop: icon over its name, a bar when it is current, a badge when work waits there.
class RailButton : public QAbstractButton {
    Q_OBJECT
public:
    RailButton(const QString& key, const QString& name, const char* icon, int height, QWidget* parent = nullptr);
    const QString& key() const { return m_key; }
    void setBadge(qint64 waiting);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_key, m_icon;
    int m_height;
    qint64 m_badge = 0;
};

class Rail : public QWidget {
    Q_OBJECT
public:
    explicit Rail(QWidget* parent = nullptr);
    RailButton* addPage(const QString& key, const QString& name, const char* icon, int digit);
    RailButton* addFoot(const QString& key, const QString& name, const char* icon, const QString& shortcut);
    void setCurrent(const QString& key);

Q_SIGNALS:
    void pageClicked(const QString& key);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QVBoxLayout *m_pages, *m_foot;
    QButtonGroup* m_group;
};

}
