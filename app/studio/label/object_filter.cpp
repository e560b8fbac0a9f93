#include "app/studio/label/object_filter.h"

#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>

namespace percept::studio {

ObjectFilter::ObjectFilter(QWidget* parent)
    : QWidget(parent)
    , m_edit(style::makeSearchField(tr("Class, flag or \u201Cproblem\u201D"), this))
{
    setObjectName(QStringLiteral("objectFilter"));
    m_edit->setObjectName(QStringLiteral("objectFilterEdit"));
    style::setControlSize(m_edit, style::ControlSize::Compact);
    m_edit->setMaxLength(200);
    m_edit->installEventFilter(this);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 0, 12, 8);
    layout->addWidget(m_edit);
    connect(m_edit, &QLineEdit::textChanged, this, &ObjectFilter::changed);
    hide();
}

void ObjectFilter::open()
{
    show();
    m_edit->selectAll();
    m_edit->setFocus(Qt::ShortcutFocusReason);
}

void ObjectFilter::close()
{
    m_edit->clear();
    hide();
}

bool ObjectFilter::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_edit && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const bool takes = key == Qt::Key_Return || key == Qt::Key_Enter, leaves = key == Qt::Key_Escape;
        if (leaves || (takes && m_edit->text().trimmed().isEmpty()))
            close();
        if (leaves || takes) {
            Q_EMIT left();
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

}
