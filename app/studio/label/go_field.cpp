#include "app/studio/label/go_field.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>

namespace percept::studio {

namespace {
    constexpr int kWidth = 260;
}

GoField::GoField(QWidget* canvas)
    : QFrame(canvas)
    , m_edit(new QLineEdit)
    , m_problem(new style::PlainLabel({}, style::TextRole::Caption, style::Ink::Error))
{
    setObjectName(QStringLiteral("goField"));
    m_edit->setObjectName(QStringLiteral("goFieldEdit"));
    m_edit->setAccessibleName(tr("Number or name of a picture"));
    m_edit->setMaxLength(300);
    m_edit->installEventFilter(this);
    m_problem->setObjectName(QStringLiteral("goFieldProblem"));
    m_problem->setElideMode(Qt::ElideRight);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(4);
    layout->addWidget(m_edit);
    layout->addWidget(m_problem);
    connect(m_edit, &QLineEdit::textChanged, this, [this] { showProblem({}); });
    hide();
}

void GoField::open(const QString& asking)
{
    m_edit->clear();
    m_edit->setPlaceholderText(asking);
    showProblem({});
    move(12, 12);
    show();
    raise();
    m_edit->setFocus(Qt::PopupFocusReason);
}

void GoField::leave()
{
    hide();
    parentWidget()->setFocus();
}

void GoField::showProblem(const QString& text)
{
    m_problem->setText(text);
    m_problem->setVisible(!text.isEmpty());
    layout()->activate();
    resize(kWidth, layout()->sizeHint().height());
}

bool GoField::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_edit && event->type() == QEvent::FocusOut)
        hide();
    if (object == m_edit && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape) {
            leave();
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            if (const QString text = m_edit->text().trimmed(); !text.isEmpty())
                Q_EMIT asked(text);
            return true;
        }
    }
    return QFrame::eventFilter(object, event);
}

void GoField::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    style::paintRounded(painter, rect(), style::radius::kCard, style::tokens().raised, style::tokens().lineStrong);
}

}
