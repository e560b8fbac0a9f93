#pragma once

#include <QColor>
#include <QString>
#include <QWidget>
#include <vector>

namespace percept::studio {

// The line under the canvas: tool, class, and the keys that work at this moment. Its tooltip has what it had no room for.
class HintStrip : public QWidget {
    Q_OBJECT
public:
    struct Key {
        QString key, what;
        bool operator==(const Key&) const = default;
    };
    explicit HintStrip(QWidget* parent = nullptr);
    void setTool(const QColor& swatch, const QString& tool, const QString& how);
    void setKeys(const QString& subject, std::vector<Key> keys);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString whole() const;
    int paintKeys(QPainter& p, int from);
    QColor m_swatch;
    QString m_tool, m_how, m_subject;
    std::vector<Key> m_keys;
    bool m_isCut = false; // when it was painted last
};

}
