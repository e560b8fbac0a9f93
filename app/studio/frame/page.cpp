#include "app/studio/frame/page.h"

#include "widgets/style/widgets.h"

#include <QAbstractButton>
#include <QHBoxLayout>
#include <QPainter>

namespace percept::studio {

PageBar::PageBar(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_title(new style::PlainLabel(title, style::TextRole::PageTitle))
    , m_scope(new style::PlainLabel(QString(), style::TextRole::Table, style::Ink::Text2))
    , m_left(new QHBoxLayout)
    , m_right(new QHBoxLayout)
{
    setFixedHeight(style::height::kPageBar);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 0, 12, 1);
    layout->setSpacing(8);
    m_left->setSpacing(8);
    m_right->setSpacing(8);
    m_scope->setElideMode(Qt::ElideRight);
    layout->addWidget(m_title);
    layout->addWidget(m_scope);
    layout->addLayout(m_left);
    layout->addStretch(1);
    layout->addLayout(m_right);
}

void PageBar::setTitle(const QString& title) { m_title->setText(title); }
void PageBar::setScope(const QString& scope) { m_scope->setText(scope); }
void PageBar::addLeft(QWidget* widget)
{
    leaveFocusWhenClicked(widget);
    m_left->addWidget(widget);
}

void PageBar::addRight(QWidget* widget)
{
    leaveFocusWhenClicked(widget);
    m_right->addWidget(widget);
}

void leaveFocusWhenClicked(QWidget* widget)
{
    if (qobject_cast<QAbstractButton*>(widget))
        widget->setFocusPolicy(Qt::TabFocus);
}

void PageBar::addRightSeparator() { m_right->addWidget(style::makeBarSeparator()); }

void PageBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), style::tokens().panel);
    painter.fillRect(0, height() - 1, width(), 1, style::tokens().line);
}

}
