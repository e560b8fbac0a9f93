#pragma once

#include <QProxyStyle>

class QAbstractButton;

namespace percept::style {

// What a button says: one Primary a page, Default, Quiet (no frame until hovered), Danger, Tool (an icon, on = filled).
enum class ButtonKind { Default, Primary, Quiet, Danger, DangerFilled, Tool };
enum class ControlSize { Normal, Compact, Large };

void setButtonKind(QAbstractButton* button, ButtonKind kind, ControlSize size = ControlSize::Normal);
ButtonKind buttonKind(const QWidget* widget);
ControlSize controlSize(const QWidget* widget);
void setControlSize(QWidget* widget, ControlSize size);
// A key cap at the right end of a button: only for keys that work here and now.
void setButtonKey(QAbstractButton* button, const QString& key);
// Text at the left instead of the middle.
void setButtonLeft(QAbstractButton* button, bool left);
// Error border of a field; the sentence below it is the caller's.
void setFieldError(QWidget* field, bool error);

// Draws every control from tokens(). Fusion stays below for what is left.
class PerceptStyle : public QProxyStyle {
    Q_OBJECT
public:
    PerceptStyle();

    void polish(QWidget* widget) override;
    void unpolish(QWidget* widget) override;
    using QProxyStyle::polish;
    using QProxyStyle::unpolish;
    QPalette standardPalette() const override;

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawComplexControl(
        ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const override;
    QIcon standardIcon(StandardPixmap icon, const QStyleOption* option, const QWidget* widget) const override;

private:
    class FocusRing* m_ring = nullptr;
};

}
