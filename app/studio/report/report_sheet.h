#pragma once

#include "app/studio/report/sheet_drawing.h"

#include <QByteArray>
#include <QSvgRenderer>
#include <QWidget>

namespace percept::studio {

// The page of the report as paper on the desk: draws the SVG that also goes to PDF and HTML. Always light, as it prints.
class ReportSheet : public QWidget {
    Q_OBJECT
public:
    explicit ReportSheet(QWidget* parent = nullptr);
    void setDrawing(const QByteArray& svg, const QString& message);
    // Until there is something to draw: an empty page that says why. Also what a screen reader hears.
    void setWaiting(const QString& sentence);
    bool hasDrawing() const { return m_renderer.isValid(); }
    // For paper and PDF: texts as text, to be selected and searched.
    void render(QPainter& painter, const QRectF& target);
    QSize sizeHint() const override { return { 944, 668 }; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QSvgRenderer m_renderer;
    SheetDrawing m_drawing;
    QString m_waiting;
};

}
