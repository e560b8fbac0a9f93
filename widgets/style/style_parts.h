#pragma once

#include <QColor>
#include <QString>

class QPainter;
class QRect;
class QSize;
class QStyleOption;
class QStyleOptionButton;
class QStyleOptionComboBox;
class QStyleOptionComplex;
class QStyleOptionHeader;
class QStyleOptionMenuItem;
class QStyleOptionProgressBar;
class QStyleOptionSlider;
class QStyleOptionSpinBox;
class QStyleOptionTab;
class QStyleOptionToolButton;
class QStyleOptionViewItem;
class QWidget;

// The painting of each kind of control, one file a family; PerceptStyle only sends each call to its place.
namespace percept::style::parts {

struct ButtonColors { QColor fill, border, text; };
ButtonColors buttonColors(const QStyleOption& option, const QWidget* widget, bool checkable);

void drawPushButton(QPainter& painter, const QStyleOptionButton& option, const QWidget* widget);
QSize pushButtonSize(const QStyleOptionButton& option, const QWidget* widget);
void drawToolButton(QPainter& painter, const QStyleOptionToolButton& option, const QWidget* widget);
QSize toolButtonSize(const QStyleOptionToolButton& option, const QWidget* widget);
void drawCheckBox(QPainter& painter, const QStyleOptionButton& option, bool radio);

void drawField(QPainter& painter, const QRect& rect, const QStyleOption& option, const QWidget* widget);
void drawComboBox(QPainter& painter, const QStyleOptionComboBox& option, const QWidget* widget);
void drawComboLabel(QPainter& painter, const QStyleOptionComboBox& option, const QRect& rect);
void drawSpinBox(QPainter& painter, const QStyleOptionSpinBox& option, const QWidget* widget, const QRect& up, const QRect& down);
void drawSlider(QPainter& painter, const QStyleOptionSlider& option, const QRect& handle);
void drawScrollBar(QPainter& painter, const QStyleOptionSlider& option, const QRect& handle);
void drawProgress(QPainter& painter, const QStyleOptionProgressBar& option);

void drawMenuItem(QPainter& painter, const QStyleOptionMenuItem& option);
QSize menuItemSize(const QStyleOptionMenuItem& option);
void drawMenuBarItem(QPainter& painter, const QStyleOptionMenuItem& option);
void drawTab(QPainter& painter, const QStyleOptionTab& option);
QSize tabSize(const QStyleOptionTab& option);
void drawHeaderSection(QPainter& painter, const QStyleOptionHeader& option);
void drawHeaderLabel(QPainter& painter, const QStyleOptionHeader& option);
void drawItemPanel(QPainter& painter, const QStyleOptionViewItem& option);

}
