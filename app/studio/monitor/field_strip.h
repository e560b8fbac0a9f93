#pragma once

#include <QImage>
#include <QWidget>
#include <functional>
#include <vector>

namespace percept::studio {

// The pictures of devices that come next, small, in a row: the current one framed, a mark on those that chance chose.
class FieldStrip : public QWidget {
    Q_OBJECT
public:
    struct Cell {
        QString id, text; // text: the device
        bool isRandom = false;
    };
    // `picture`: the thumbnail of an id; a null image until there is one.
    explicit FieldStrip(std::function<QImage(const QString& id)> picture, QWidget* parent = nullptr);
    void setCells(std::vector<Cell> cells, int current);
    QRect cellRect(int index) const; // empty when it is out of sight
    QSize sizeHint() const override { return { 400, 92 }; }

signals:
    void clicked(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    int first() const;
    int indexAt(QPoint point) const;
    void paintCell(QPainter& painter, int index) const;

    std::function<QImage(const QString& id)> m_picture;
    std::vector<Cell> m_cells;
    int m_current = 0;
};

}
