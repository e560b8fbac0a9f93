#pragma once

#include <QColor>
#include <QString>
#include <QWidget>
#include <vector>

namespace percept::studio {

// The line under the canvas: tool, class, and the keys that work at this moment.
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
    QColor m_swatch;
    QString m_tool, m_how, m_subject;
    std::vector<Key> m_keys;
};

}
