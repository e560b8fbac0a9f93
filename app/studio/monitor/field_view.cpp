#include "app/studio/monitor/field_view.h"

#include "app/studio/monitor/alert_list.h"
#include "app/studio/monitor/answer_list.h"
#include "app/studio/monitor/field_pictures.h"
#include "app/studio/monitor/field_strip.h"
#include "widgets/canvas/box_canvas.h"
#include "widgets/style/widgets.h"

#include <QKeyEvent>
#include <QPushButton>
#include <QStackedWidget>
#include <algorithm>

namespace percept::studio {

using services::FieldPicture;

namespace {

constexpr int kAhead = 2;

QString qs(const std::string& text) { return QString::fromStdString(text); }

QColor colorOf(const StudioContext& context, const std::string& label)
{
    for (const domain::Label& known : context.labels())
        if (known.name == label)
            return context.labelColor(known.id);
    return style::tokens().text3;
}

}

QString reasonText(const FieldPicture& picture)
{
    if (!picture.sameAs.empty())
        return FieldView::tr("The project has this very picture already, as %1: it is not taken a second time. One key clears it from here.").arg(qs(picture.sameAs));
    if (picture.isBesideTest)
        return FieldView::tr("It shows the moment of a picture that tests, so it will neither train nor test: it is kept in the reserve.");
    return reasonText(picture.sample.reason);
}

QString reasonText(const std::string& reason)
{
    if (reason == "random")
        return FieldView::tr("Chosen by chance: it goes to the test set, so that the accuracy in the field can be told.");
    if (reason == "unsure")
        return FieldView::tr("The model was unsure: it will train.");
    return FieldView::tr("Something came or went: it will train.");
}

void FieldView::setInbox(FieldInbox* inbox)
{
    if (m_inbox)
        disconnect(m_inbox, nullptr, this, nullptr);
    m_inbox = inbox;
    m_current.clear();
    m_drawn.clear();
    m_device.clear();
    m_pictures->clear();
    m_note->hide();
    if (m_inbox) {
        connect(m_inbox, &FieldInbox::changed, this, &FieldView::follow);
        connect(m_inbox, &FieldInbox::failed, this, &FieldView::showProblem);
        connect(m_inbox, &FieldInbox::cameBack, this, [this](const QString& id) {
            m_current = id;
            follow();
        });
    }
    follow();
}

void FieldView::setDevice(const QString& device)
{
    if (device == m_device)
        return;
    m_device = device;
    follow();
}

const FieldPicture* FieldView::current() const { return m_index < count() ? &m_shown[static_cast<std::size_t>(m_index)] : nullptr; }

QWidget* FieldView::home() const { return m_stack->currentIndex() == 1 ? static_cast<QWidget*>(m_canvas) : const_cast<FieldView*>(this); }

// The picture in front stays there; when it has gone, the one that comes after it.
void FieldView::follow()
{
    m_shown.clear();
    if (m_inbox)
        std::copy_if(m_inbox->waiting().begin(), m_inbox->waiting().end(), std::back_inserter(m_shown),
            [this](const FieldPicture& p) { return m_device.isEmpty() || qs(p.sample.device) == m_device; });
    const auto at = std::find_if(m_shown.begin(), m_shown.end(), [this](const FieldPicture& p) { return qs(p.sample.id) == m_current; });
    m_index = at != m_shown.end() ? static_cast<int>(at - m_shown.begin()) : std::clamp(m_index, 0, std::max(0, count() - 1));
    showCurrent();
    emit countChanged();
}

void FieldView::showCurrent()
{
    const FieldPicture* picture = current();
    m_undo->setEnabled(m_inbox && m_inbox->canUndo());
    m_emptyUndo->setVisible(m_inbox && m_inbox->canUndo());
    const bool wasShown = m_stack->currentIndex() == 1, hadFocus = m_canvas->hasFocus() || hasFocus();
    m_stack->setCurrentIndex(picture ? 1 : 0);
    if (hadFocus && wasShown != (picture != nullptr))
        home()->setFocus();
    if (!picture) {
        m_current.clear();
        m_drawn.clear();
        return showEmpty();
    }
    m_current = qs(picture->sample.id);
    showFacts(*picture);
    showAnswers(*picture);
    if (!isVisible())
        return; // showEvent asks for the picture
    showPicture();
    prefetch();
    std::vector<FieldStrip::Cell> cells;
    for (const FieldPicture& p : m_shown)
        cells.push_back({ qs(p.sample.id), qs(p.sample.device), p.sample.isRandom() });
    m_strip->setCells(std::move(cells), m_index);
}

void FieldView::showFacts(const FieldPicture& picture)
{
    const auto& sample = picture.sample;
    m_title->setText(qs(sample.device));
    m_place->setText(tr("%1 of %2").arg(m_index + 1).arg(count()));
    m_when->setText(tr("version %1 · %2").arg(qs(sample.version), timeText(sample.timeMs > 0 ? sample.timeMs : picture.receivedMs)));
    m_reason->setText(reasonText(picture));
    const bool isKnown = !picture.sameAs.empty();
    m_right->setText(sample.answers.empty() ? tr("Right: nothing is there") : tr("Right"));
    m_right->setEnabled(!isKnown);
    m_wrong->setEnabled(!isKnown);
    m_ignore->setText(isKnown ? tr("Clear it") : tr("Ignore"));
    style::setButtonKind(m_ignore, isKnown ? style::ButtonKind::Primary : style::ButtonKind::Default, style::ControlSize::Large);
}

void FieldView::showAnswers(const FieldPicture& picture)
{
    QVector<AnswerList::Answer> answers;
    for (const auto& answer : picture.sample.answers)
        answers.append({ qs(answer.label), colorOf(m_context, answer.label), answer.score });
    m_said->setText(answers.isEmpty() ? tr("The model called it empty") : tr("The model answered %1").arg(style::counted(answers.size(), tr("object"), tr("objects"))));
    m_answers->setAnswers(std::move(answers));
}

void FieldView::showPicture()
{
    const FieldPicture* picture = current();
    if (!picture)
        return;
    m_canvas->setSurround(style::tokens().canvas);
    const QSize size(picture->width, picture->height);
    const auto* large = m_pictures->large(m_current, picture->file, size);
    m_problem->setText(large ? large->problem : QString());
    m_problem->setVisible(large && !large->problem.isEmpty());
    const auto levels = large ? large->levels : nullptr;
    if (m_drawn == m_current && levels) {
        m_canvas->replacePicture(levels);
    } else {
        m_drawn = m_current;
        m_canvas->setPicture(levels, size.isEmpty() && levels ? QSizeF(levels->size()) : QSizeF(size));
    }
    std::vector<canvas::Proposal> proposals;
    for (const auto& answer : picture->sample.answers)
        proposals.push_back({ static_cast<int>(proposals.size()), answer.box, colorOf(m_context, answer.label).rgb(),
            QStringLiteral("%1 %2").arg(qs(answer.label)).arg(answer.score, 0, 'f', 2), /*shownOnly=*/true });
    m_canvas->setProposals(std::move(proposals));
}

// What comes next is there before it is asked for.
void FieldView::prefetch()
{
    for (int i = m_index + 1; i <= m_index + kAhead && i < count(); ++i) {
        const FieldPicture& next = m_shown[static_cast<std::size_t>(i)];
        m_pictures->large(qs(next.sample.id), next.file, { next.width, next.height });
    }
}

void FieldView::showEmpty()
{
    if (m_inbox && !m_inbox->problem().isEmpty())
        return m_empty->setSentence(m_inbox->problem());
    if (m_inbox && !m_inbox->isRead())
        return m_empty->setSentence(tr("Looking for pictures of devices."));
    m_empty->setSentence(m_device.isEmpty()
            ? tr("No picture waits. Devices that collect send those that the model is unsure of, and some by chance, which tell how right it is in the field: here one key "
                 "says whether a device was right, and the picture teaches or tests the next model. This computer collects when it is a test device.")
            : tr("No picture of %1 waits.").arg(m_device));
}

void FieldView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    showCurrent();
    home()->setFocus();
}

void FieldView::go(int by) { goTo(m_index + by); }

void FieldView::goTo(int index)
{
    if (index < 0 || index >= count())
        return;
    m_index = index;
    m_current = qs(m_shown[static_cast<std::size_t>(index)].sample.id);
    showCurrent();
}

// It would be refused: whatever is said of it, it goes from the queue, and undo brings it back.
bool FieldView::clearEqual(const FieldPicture& picture)
{
    if (picture.sameAs.empty())
        return false;
    m_note->hide();
    const QString text = tr("Cleared: the project has it as %1").arg(qs(picture.sameAs));
    m_inbox->ignore(FieldPicture(picture));
    m_context.showToast(text, tr("Undo"), [this] { undo(); }, QStringLiteral("U"));
    return true;
}

void FieldView::right()
{
    const FieldPicture* picture = current();
    if (!picture || !m_inbox || clearEqual(*picture))
        return;
    m_note->hide();
    const FieldPicture taken = *picture;
    const QString text = !taken.sample.answers.empty() ? tr("The answers of %1 are right").arg(qs(taken.sample.device)) : tr("Nothing is there: a picture of background");
    m_inbox->take(taken, services::FieldVerdict::Right);
    m_context.showToast(text, tr("Undo"), [this] { undo(); }, QStringLiteral("U"));
}

// The canvas opens when the picture is in the project.
void FieldView::wrong()
{
    const FieldPicture* picture = current();
    if (!picture || !m_inbox || clearEqual(*picture))
        return;
    m_note->hide();
    const FieldPicture taken = *picture;
    m_inbox->take(taken, services::FieldVerdict::Wrong, [guard = QPointer<FieldView>(this), device = qs(taken.sample.device)](const base::Result<services::FieldTaken>& done) {
        if (!guard || done.hasError())
            return;
        const bool stillHere = guard->isVisible();
        if (stillHere)
            guard->m_context.openItem({ done->item });
        guard->m_context.showToast(tr("Took a picture of %1: draw what is there").arg(device), tr("Undo"), [guard] {
            if (guard)
                guard->undo();
        });
    });
}

void FieldView::ignore()
{
    const FieldPicture* picture = current();
    if (!picture || !m_inbox || clearEqual(*picture))
        return;
    m_note->hide();
    const QString text = tr("Ignored a picture of %1").arg(qs(picture->sample.device));
    m_inbox->ignore(FieldPicture(*picture));
    m_context.showToast(text, tr("Undo"), [this] { undo(); }, QStringLiteral("U"));
}

void FieldView::undo()
{
    if (!m_inbox)
        return;
    switch (m_inbox->undo()) {
    case FieldInbox::Undone::Yes: break;
    case FieldInbox::Undone::Nothing: m_context.showToast(tr("There is nothing to take back here")); break;
    case FieldInbox::Undone::NotLast:
        m_context.showToast(tr("The project was changed since: Edit, Undo takes the steps back one by one"));
        break;
    }
}

void FieldView::showProblem(const QString& sentence)
{
    m_note->setText(sentence);
    m_note->show();
}

// Ctrl+Z is the project's undo; here it is the last verdict's, which may lie at the hub.
bool FieldView::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && m_inbox && m_inbox->canUndo() && static_cast<QKeyEvent*>(event)->matches(QKeySequence::Undo)) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

void FieldView::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Undo)) {
        if (m_inbox && m_inbox->undo() == FieldInbox::Undone::NotLast)
            m_context.undo();
        return;
    }
    if (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier))
        return QWidget::keyPressEvent(event);
    switch (event->key()) {
    case Qt::Key_R: return event->isAutoRepeat() ? void() : right();
    case Qt::Key_W: return event->isAutoRepeat() ? void() : wrong();
    case Qt::Key_I: return event->isAutoRepeat() ? void() : ignore();
    case Qt::Key_U: return undo();
    case Qt::Key_Left:
    case Qt::Key_Up: return go(-1);
    case Qt::Key_Right:
    case Qt::Key_Down: return go(1);
    default: QWidget::keyPressEvent(event);
    }
}

}
