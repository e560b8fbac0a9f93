#include "app/studio/report/sheet_drawing.h"

#include <QFont>
#include <QFontMetricsF>
#include <QPainter>
#include <QXmlStreamReader>
#include <QXmlStreamWriter>
#include <algorithm>

namespace percept::studio {

namespace {

constexpr int kFontPixels = 100; // fonts have whole pixels; the painter scales

SheetText textOf(const QXmlStreamAttributes& attributes)
{
    const auto number = [&](QLatin1String name) { return attributes.value(name).toDouble(); };
    SheetText text;
    text.at = { number(QLatin1String("x")), number(QLatin1String("y")) };
    text.size = number(QLatin1String("font-size"));
    text.weight = attributes.value(QLatin1String("font-weight")).toInt();
    text.color = QColor(attributes.value(QLatin1String("fill")).toString());
    const auto anchor = attributes.value(QLatin1String("text-anchor"));
    text.anchor = anchor == QLatin1String("end") ? SheetText::Anchor::End
        : anchor == QLatin1String("middle")      ? SheetText::Anchor::Middle
                                                 : SheetText::Anchor::Start;
    return text;
}

// Shaping gives letters other forms by what stands beside them (Inter: the brackets around capitals), and a PDF does not know which
// letters those were. Scripts that are nothing without it keep it.
bool needsShaping(const QString& text)
{
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.unicode() >= 0x0250 && (c.unicode() < 0x2000 || c.unicode() >= 0x2300); });
}

double shiftOf(SheetText::Anchor anchor, double width)
{
    return anchor == SheetText::Anchor::End ? -width : anchor == SheetText::Anchor::Middle ? -width / 2 : 0;
}

}

SheetDrawing splitDrawing(const QByteArray& svg)
{
    SheetDrawing drawing;
    QXmlStreamReader in(svg);
    QXmlStreamWriter out(&drawing.shapes);
    while (!in.atEnd()) {
        in.readNext();
        if (in.isStartElement() && in.name() == QLatin1String("text")) {
            SheetText text = textOf(in.attributes());
            text.text = in.readElementText();
            drawing.texts.append(text);
        } else if (!in.hasError() && in.tokenType() != QXmlStreamReader::NoToken) {
            out.writeCurrentToken(in);
        }
    }
    return drawing;
}

void drawTexts(QPainter& painter, const QVector<SheetText>& texts, const QPointF& origin, double scale)
{
    for (const SheetText& text : texts) {
        QFont font(QStringLiteral("Inter"));
        font.setPixelSize(kFontPixels);
        font.setWeight(static_cast<QFont::Weight>(text.weight));
        font.setHintingPreference(QFont::PreferNoHinting);
        if (!needsShaping(text.text))
            font.setStyleStrategy(QFont::PreferNoShaping);
        painter.save();
        painter.translate(origin + text.at * scale);
        painter.scale(text.size / kFontPixels * scale, text.size / kFontPixels * scale);
        painter.setFont(font);
        painter.setPen(text.color);
        painter.drawText(QPointF(shiftOf(text.anchor, QFontMetricsF(font).horizontalAdvance(text.text)), 0), text.text);
        painter.restore();
    }
}

}
