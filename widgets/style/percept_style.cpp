#include "widgets/style/percept_style.h"

#include "widgets/style/focus_ring.h"
#include "widgets/style/icons.h"
#include "widgets/style/paint.h"
#include "widgets/style/style_parts.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QScrollBar>
#include <QStyleFactory>
#include <QStyleOption>

namespace percept::style {
namespace {

constexpr const char* kKind = "perceptKind";
constexpr const char* kSize = "perceptSize";
constexpr const char* kKey = "perceptKey";
constexpr const char* kLeft = "perceptLeft";
constexpr const char* kError = "perceptError";

int controlHeight(const QWidget* widget)
{
    switch (controlSize(widget)) {
    case ControlSize::Compact: return height::kCompact;
    case ControlSize::Large: return height::kLarge;
    case ControlSize::Normal: break;
    }
    return height::kControl;
}

void refresh(QWidget* widget)
{
    widget->updateGeometry();
    widget->update();
}

template <typename T>
const T* as(const QStyleOption* option)
{
    return qstyleoption_cast<const T*>(option);
}

}

void setButtonKind(QAbstractButton* button, ButtonKind kind, ControlSize size)
{
    button->setProperty(kKind, static_cast<int>(kind));
    button->setProperty(kSize, static_cast<int>(size));
    refresh(button);
}

ButtonKind buttonKind(const QWidget* widget)
{
    return widget ? static_cast<ButtonKind>(widget->property(kKind).toInt()) : ButtonKind::Default;
}

ControlSize controlSize(const QWidget* widget)
{
    return widget ? static_cast<ControlSize>(widget->property(kSize).toInt()) : ControlSize::Normal;
}

void setControlSize(QWidget* widget, ControlSize size)
{
    widget->setProperty(kSize, static_cast<int>(size));
    refresh(widget);
}

void setButtonKey(QAbstractButton* button, const QString& key)
{
    button->setProperty(kKey, key);
    refresh(button);
}

void setButtonLeft(QAbstractButton* button, bool left) { button->setProperty(kLeft, left); }

void setFieldError(QWidget* field, bool error)
{
    field->setProperty(kError, error);
    field->update();
}

PerceptStyle::PerceptStyle()
    : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion")))
{
    setObjectName(QStringLiteral("percept"));
    m_ring = new FocusRing(this);
}

void PerceptStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    const bool control = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QAbstractSpinBox*>(widget)
        || qobject_cast<QComboBox*>(widget) || qobject_cast<QLineEdit*>(widget) || qobject_cast<QAbstractSlider*>(widget);
    if (control)
        widget->setAttribute(Qt::WA_Hover);
    if (qobject_cast<QAbstractButton*>(widget) || (qobject_cast<QAbstractSlider*>(widget) && !qobject_cast<QScrollBar*>(widget)))
        m_ring->watch(widget);
    if (auto* view = qobject_cast<QAbstractItemView*>(widget); view && view->viewport())
        view->viewport()->setAttribute(Qt::WA_Hover);
}

void PerceptStyle::unpolish(QWidget* widget)
{
    m_ring->forget(widget);
    QProxyStyle::unpolish(widget);
}

QPalette PerceptStyle::standardPalette() const { return paletteOf(theme()); }

void PerceptStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const Tokens& t = tokens();
    switch (element) {
    case PE_PanelLineEdit:
    case PE_FrameLineEdit:
        // The edit inside a spin box or combo box lies in their field.
        if (!widget || !(qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) || qobject_cast<const QComboBox*>(widget->parentWidget())))
            if (const auto* edit = qobject_cast<const QLineEdit*>(widget); !edit || edit->hasFrame())
                parts::drawField(*painter, option->rect, *option, widget);
        return;
    case PE_FrameFocusRect:
        return; // rings and row insets are drawn by the controls themselves
    case PE_PanelMenu:
    case PE_FrameMenu:
        if (element == PE_PanelMenu)
            painter->fillRect(option->rect, t.raised);
        paintRounded(*painter, option->rect, 0, QColor(), t.lineStrong);
        return;
    case PE_PanelTipLabel:
        painter->fillRect(option->rect, t.raised);
        paintRounded(*painter, option->rect, 0, QColor(), t.lineStrong);
        return;
    case PE_Frame:
    case PE_FrameGroupBox:
        if (widget && widget->inherits("QComboBoxPrivateContainer")) {
            paintRounded(*painter, option->rect, 0, QColor(), t.lineStrong);
            return;
        }
        paintRounded(*painter, option->rect, radius::kControl, QColor(), t.line);
        return;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck: {
        const int on = option->state & State_NoChange ? 2 : option->state & State_On ? 1 : 0;
        paintCheck(*painter, option->rect, on, option->state & State_MouseOver, option->state & State_Enabled);
        return;
    }
    case PE_PanelItemViewItem:
        if (const auto* item = as<QStyleOptionViewItem>(option))
            parts::drawItemPanel(*painter, *item);
        return;
    case PE_PanelItemViewRow:
        return;
    case PE_IndicatorArrowDown:
    case PE_IndicatorArrowUp:
    case PE_IndicatorArrowRight:
    case PE_IndicatorArrowLeft: {
        const char* name = element == PE_IndicatorArrowRight ? "cr" : element == PE_IndicatorArrowLeft ? "cl" : "cd";
        const QRect box(option->rect.center() - QPoint(6, 6), QSize(12, 12));
        paintIcon(*painter, icon(name), box, option->state & State_Enabled ? t.text2 : t.disabled);
        return;
    }
    case PE_PanelButtonTool:
    case PE_IndicatorTabClose:
    case PE_PanelStatusBar:
    case PE_FrameStatusBarItem:
        return;
    case PE_IndicatorBranch:
        if (option->state & State_Children) {
            const QRect box(option->rect.center() - QPoint(6, 6), QSize(12, 12));
            paintIcon(*painter, icon(option->state & State_Open ? "cd" : "cr"), box, t.text3);
        }
        return;
    default:
        QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
}

void PerceptStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const Tokens& t = tokens();
    switch (element) {
    case CE_PushButton:
        if (const auto* button = as<QStyleOptionButton>(option))
            parts::drawPushButton(*painter, *button, widget);
        return;
    case CE_CheckBox:
    case CE_RadioButton:
        if (const auto* button = as<QStyleOptionButton>(option))
            parts::drawCheckBox(*painter, *button, element == CE_RadioButton);
        return;
    case CE_ComboBoxLabel:
        if (const auto* combo = as<QStyleOptionComboBox>(option))
            parts::drawComboLabel(*painter, *combo, subControlRect(CC_ComboBox, combo, SC_ComboBoxEditField, widget));
        return;
    case CE_MenuItem:
        if (const auto* item = as<QStyleOptionMenuItem>(option))
            parts::drawMenuItem(*painter, *item);
        return;
    case CE_MenuBarItem:
        if (const auto* item = as<QStyleOptionMenuItem>(option))
            parts::drawMenuBarItem(*painter, *item);
        return;
    case CE_MenuBarEmptyArea:
        painter->fillRect(option->rect, t.window);
        return;
    case CE_MenuEmptyArea:
        painter->fillRect(option->rect, t.raised);
        return;
    case CE_ProgressBar:
        if (const auto* bar = as<QStyleOptionProgressBar>(option))
            parts::drawProgress(*painter, *bar);
        return;
    case CE_TabBarTab:
        if (const auto* tab = as<QStyleOptionTab>(option))
            parts::drawTab(*painter, *tab);
        return;
    case CE_HeaderSection:
        if (const auto* header = as<QStyleOptionHeader>(option))
            parts::drawHeaderSection(*painter, *header);
        return;
    case CE_HeaderLabel:
        if (const auto* header = as<QStyleOptionHeader>(option))
            parts::drawHeaderLabel(*painter, *header);
        return;
    case CE_HeaderEmptyArea:
        painter->fillRect(option->rect, t.panel);
        return;
    case CE_Splitter:
        if (option->state & State_Horizontal)
            painter->fillRect(QRect(option->rect.center().x(), option->rect.top(), 1, option->rect.height()), t.line);
        else
            painter->fillRect(QRect(option->rect.left(), option->rect.center().y(), option->rect.width(), 1), t.line);
        return;
    case CE_FocusFrame:
        paintRounded(*painter, option->rect, radius::kControl + 3, QColor(), t.accent, 2);
        return;
    case CE_RubberBand: {
        QColor fill = t.accent;
        fill.setAlpha(36);
        paintRounded(*painter, option->rect, 0, fill, t.accent);
        return;
    }
    case CE_ToolBar:
        painter->fillRect(option->rect, t.window);
        return;
    default:
        QProxyStyle::drawControl(element, option, painter, widget);
    }
}

void PerceptStyle::drawComplexControl(
    ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const
{
    switch (control) {
    case CC_ComboBox:
        if (const auto* combo = as<QStyleOptionComboBox>(option))
            parts::drawComboBox(*painter, *combo, widget);
        return;
    case CC_SpinBox:
        if (const auto* spin = as<QStyleOptionSpinBox>(option))
            parts::drawSpinBox(*painter, *spin, widget, subControlRect(CC_SpinBox, spin, SC_SpinBoxUp, widget),
                subControlRect(CC_SpinBox, spin, SC_SpinBoxDown, widget));
        return;
    case CC_Slider:
        if (const auto* slider = as<QStyleOptionSlider>(option))
            parts::drawSlider(*painter, *slider, subControlRect(CC_Slider, slider, SC_SliderHandle, widget));
        return;
    case CC_ScrollBar:
        if (const auto* bar = as<QStyleOptionSlider>(option))
            parts::drawScrollBar(*painter, *bar, subControlRect(CC_ScrollBar, bar, SC_ScrollBarSlider, widget));
        return;
    case CC_ToolButton:
        if (const auto* button = as<QStyleOptionToolButton>(option))
            parts::drawToolButton(*painter, *button, widget);
        return;
    default:
        QProxyStyle::drawComplexControl(control, option, painter, widget);
    }
}

QSize PerceptStyle::sizeFromContents(
    ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const
{
    switch (type) {
    case CT_PushButton:
        if (const auto* button = as<QStyleOptionButton>(option))
            return parts::pushButtonSize(*button, widget);
        break;
    case CT_ToolButton:
        if (const auto* button = as<QStyleOptionToolButton>(option))
            return parts::toolButtonSize(*button, widget);
        break;
    case CT_CheckBox:
    case CT_RadioButton:
        return { contents.width() + 14 + 8, std::max(height::kRow, contents.height()) };
    case CT_LineEdit:
        return { contents.width() + 16, widget && !qobject_cast<const QLineEdit*>(widget) ? contents.height() : controlHeight(widget) };
    case CT_ComboBox:
        return { contents.width() + 8 + 28, controlHeight(widget) };
    case CT_SpinBox:
        return { contents.width() + 8 + 20, controlHeight(widget) };
    case CT_MenuItem:
        if (const auto* item = as<QStyleOptionMenuItem>(option))
            return parts::menuItemSize(*item);
        break;
    case CT_MenuBarItem:
        return { contents.width() + 16, height::kControl };
    case CT_TabBarTab:
        if (const auto* tab = as<QStyleOptionTab>(option))
            return parts::tabSize(*tab);
        break;
    case CT_ItemViewItem: {
        const QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
        return { size.width(), std::max(size.height(), height::kRow) };
    }
    case CT_HeaderSection: {
        const QSize size = QProxyStyle::sizeFromContents(type, option, contents, widget);
        return { size.width() + 8, height::kRow };
    }
    case CT_ProgressBar:
        return { contents.width(), 6 };
    default:
        break;
    }
    return QProxyStyle::sizeFromContents(type, option, contents, widget);
}

QRect PerceptStyle::subControlRect(
    ComplexControl control, const QStyleOptionComplex* option, SubControl part, const QWidget* widget) const
{
    const QRect r = option->rect;
    if (control == CC_ComboBox) {
        if (part == SC_ComboBoxEditField)
            return QStyle::visualRect(option->direction, r, r.adjusted(8, 1, -26, -1));
        if (part == SC_ComboBoxArrow)
            return QStyle::visualRect(option->direction, r, QRect(r.right() - 25, r.top(), 26, r.height()));
    }
    if (control == CC_SpinBox) {
        const bool arrows = [&] { const auto* spin = as<QStyleOptionSpinBox>(option); return spin && spin->buttonSymbols != QAbstractSpinBox::NoButtons; }();
        const int wide = arrows ? 20 : 0;
        if (part == SC_SpinBoxEditField)
            return r.adjusted(4, 1, -wide - 2, -1);
        if (part == SC_SpinBoxUp)
            return QRect(r.right() - wide, r.top() + 1, wide, r.height() / 2 - 1);
        if (part == SC_SpinBoxDown)
            return QRect(r.right() - wide, r.center().y() + 1, wide, r.height() / 2 - 1);
    }
    if (control == CC_ScrollBar) {
        const auto* bar = as<QStyleOptionSlider>(option);
        if (bar && (part == SC_ScrollBarAddLine || part == SC_ScrollBarSubLine))
            return {};
        if (bar && part == SC_ScrollBarGroove)
            return r;
        if (bar && (part == SC_ScrollBarSlider || part == SC_ScrollBarAddPage || part == SC_ScrollBarSubPage)) {
            const bool flat = bar->orientation == Qt::Horizontal;
            const int length = flat ? r.width() : r.height();
            const qint64 range = qint64(bar->maximum) - bar->minimum + bar->pageStep;
            const int size = range > 0 ? std::clamp(int(qint64(length) * bar->pageStep / range), std::min(32, length), length) : length;
            const int at = sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - size, bar->upsideDown);
            int from = at, span = size;
            if (part == SC_ScrollBarSubPage)
                from = 0, span = at;
            else if (part == SC_ScrollBarAddPage)
                from = at + size, span = length - from;
            return flat ? QRect(r.left() + from, r.top(), span, r.height()) : QRect(r.left(), r.top() + from, r.width(), span);
        }
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

QRect PerceptStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    const QRect r = option->rect;
    switch (element) {
    case SE_LineEditContents:
        return widget && (qobject_cast<const QAbstractSpinBox*>(widget->parentWidget()) || qobject_cast<const QComboBox*>(widget->parentWidget()))
            ? r : r.adjusted(6, 1, -6, -1);
    case SE_CheckBoxIndicator:
    case SE_RadioButtonIndicator:
        return QStyle::visualRect(option->direction, r, QRect(r.left(), r.top() + (r.height() - 14) / 2, 14, 14));
    case SE_CheckBoxContents:
    case SE_RadioButtonContents:
        return QStyle::visualRect(option->direction, r, r.adjusted(14 + 8, 0, 0, 0));
    case SE_ProgressBarGroove:
    case SE_ProgressBarContents:
        return r;
    case SE_PushButtonContents:
    case SE_PushButtonFocusRect:
        return r;
    default:
        return QProxyStyle::subElementRect(element, option, widget);
    }
}

int PerceptStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight: return 14;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing: return 8;
    case PM_DefaultFrameWidth:
        return 1;
    case PM_ComboBoxFrameWidth:
    case PM_SpinBoxFrameWidth: return 1;
    case PM_ScrollBarExtent: return 12;
    case PM_ScrollBarSliderMin: return 32;
    case PM_ScrollView_ScrollBarSpacing: return 0;
    case PM_SliderThickness:
    case PM_SliderControlThickness: return 16;
    case PM_SliderLength: return 12;
    case PM_MenuPanelWidth: return 1;
    case PM_MenuHMargin:
    case PM_MenuVMargin: return 4;
    case PM_MenuBarPanelWidth:
    case PM_MenuBarVMargin:
    case PM_MenuBarHMargin:
    case PM_MenuBarItemSpacing: return 0;
    case PM_SplitterWidth: return 1;
    case PM_ToolTipLabelFrameWidth: return 8;
    case PM_SmallIconSize:
    case PM_ButtonIconSize:
    case PM_TabBarIconSize:
    case PM_ListViewIconSize: return 16;
    case PM_ToolBarIconSize: return 20;
    case PM_FocusFrameHMargin:
    case PM_FocusFrameVMargin: return 3;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
    case PM_TabBarTabShiftHorizontal:
    case PM_TabBarTabShiftVertical:
    case PM_TabBarTabOverlap:
    case PM_TabBarBaseOverlap: return 0;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing: return space::k8;
    case PM_LayoutLeftMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutBottomMargin: return space::k12;
    case PM_HeaderMargin: return 8;
    default: return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int PerceptStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const
{
    switch (hint) {
    case SH_ToolTip_WakeUpDelay: return 500;
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
    case SH_ScrollBar_Transient:
    case SH_Widget_Animate:
    case SH_Widget_Animation_Duration:
    case SH_UnderlineShortcut:
    case SH_ComboBox_Popup:
    case SH_FocusFrame_Mask:
    case SH_ToolTipLabel_Opacity: return hint == SH_ToolTipLabel_Opacity ? 255 : 0;
    case SH_ItemView_ShowDecorationSelected:
    case SH_MenuBar_MouseTracking:
    case SH_Menu_MouseTracking:
    case SH_ComboBox_ListMouseTracking:
    case SH_FocusFrame_AboveWidget: return 1;
    case SH_Slider_AbsoluteSetButtons: return Qt::LeftButton;
    case SH_Slider_PageSetButtons: return Qt::NoButton;
    case SH_ItemView_ActivateItemOnSingleClick: return 0;
    default: return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QIcon PerceptStyle::standardIcon(StandardPixmap which, const QStyleOption* option, const QWidget* widget) const
{
    switch (which) {
    case SP_LineEditClearButton: return icon("x", Ink::Text3);
    case SP_MessageBoxWarning: return icon("warn", Ink::Warning);
    case SP_MessageBoxCritical: return icon("alert", Ink::Error);
    case SP_MessageBoxInformation: return icon("info", Ink::Accent);
    case SP_MessageBoxQuestion: return icon("help", Ink::Accent);
    case SP_DirIcon:
    case SP_DirOpenIcon:
    case SP_DirClosedIcon: return icon("folder");
    default: return QProxyStyle::standardIcon(which, option, widget);
    }
}

}
