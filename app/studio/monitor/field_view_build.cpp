// FieldView: what stands in it.
#include "app/studio/monitor/answer_list.h"
#include "app/studio/monitor/field_pictures.h"
#include "app/studio/monitor/field_strip.h"
#include "app/studio/monitor/field_view.h"
#include "widgets/canvas/box_canvas.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace percept::studio {

using services::FieldPicture;
using style::Ink;
using style::PlainLabel;
using style::TextRole;

namespace {

constexpr int kSideWidth = 288;

QString qs(const std::string& text) { return QString::fromStdString(text); }

PlainLabel* wrapped(TextRole role, Ink ink)
{
    auto* label = new PlainLabel({}, role, ink);
    label->setWordWrap(true);
    return label;
}

}

FieldView::FieldView(StudioContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_pictures(new FieldPictures(this))
{
    setObjectName(QStringLiteral("fieldView"));
    setFocusPolicy(Qt::StrongFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_note = new style::Note(style::Tone::Error);
    m_note->setObjectName(QStringLiteral("fieldNote"));
    m_note->setClosable(tr("Close"));
    m_note->hide();
    layout->addWidget(m_note);
    m_stack = new QStackedWidget;
    layout->addWidget(m_stack, 1);
    m_empty = new style::EmptyState("camera", {});
    m_emptyUndo = m_empty->addPrimary(tr("Take the last one back"));
    style::setButtonKey(m_emptyUndo, QStringLiteral("U"));
    auto* devices = m_empty->addLink(tr("Show the devices"));
    devices->setObjectName(QStringLiteral("fieldDevices"));
    connect(devices, &QAbstractButton::clicked, this, [this] { m_context.showPage(QStringLiteral("deploy")); });
    m_stack->addWidget(m_empty);
    auto* body = new QWidget;
    auto* row = new QHBoxLayout(body);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto* middle = new QVBoxLayout;
    middle->setSpacing(0);
    m_canvas = new canvas::BoxCanvas;
    m_canvas->setObjectName(QStringLiteral("fieldCanvas"));
    m_canvas->setAccessibleName(tr("Picture of a device"));
    m_canvas->setReadOnly(true);
    m_canvas->setFocusPolicy(Qt::StrongFocus);
    middle->addWidget(m_canvas, 1);
    m_strip = new FieldStrip([this](const QString& id) {
        const auto at = std::find_if(m_shown.begin(), m_shown.end(), [&](const FieldPicture& p) { return qs(p.sample.id) == id; });
        return at == m_shown.end() ? QImage() : m_pictures->small(id, at->file);
    });
    middle->addWidget(m_strip);
    row->addLayout(middle, 1);
    row->addWidget(style::makeLine(Qt::Vertical));
    row->addWidget(makeSide());
    m_stack->addWidget(body);
    connect(m_strip, &FieldStrip::clicked, this, &FieldView::goTo);
    connect(m_emptyUndo, &QPushButton::clicked, this, &FieldView::undo);
    connect(m_pictures, &FieldPictures::loaded, this, [this](const QString& id) {
        if (id == m_current)
            showPicture();
        m_strip->update();
    });
    connect(&context, &StudioContext::labelsChanged, this, &FieldView::showCurrent);
}

QWidget* FieldView::makeSide()
{
    auto* side = new QWidget;
    side->setFixedWidth(kSideWidth);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(16, 12, 16, 16);
    column->setSpacing(4);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    m_title = new PlainLabel({}, TextRole::PageTitle);
    m_title->setObjectName(QStringLiteral("fieldDevice"));
    m_title->setElideMode(Qt::ElideRight);
    head->addWidget(m_title, 1);
    m_place = new PlainLabel({}, TextRole::Table, Ink::Text3);
    m_place->setObjectName(QStringLiteral("fieldPlace"));
    head->addWidget(m_place);
    column->addLayout(head);
    m_when = new PlainLabel({}, TextRole::Table, Ink::Text2);
    m_when->setElideMode(Qt::ElideRight);
    column->addWidget(m_when);
    column->addSpacing(4);
    m_reason = wrapped(TextRole::Body, Ink::Text);
    m_reason->setObjectName(QStringLiteral("fieldReason"));
    column->addWidget(m_reason);
    m_problem = wrapped(TextRole::Table, Ink::Error);
    column->addWidget(m_problem);
    column->addSpacing(8);
    column->addWidget(style::makeLine(Qt::Horizontal));
    column->addSpacing(4);
    m_said = wrapped(TextRole::Section, Ink::Text);
    m_said->setObjectName(QStringLiteral("fieldSaid"));
    column->addWidget(m_said);
    m_answers = new AnswerList;
    column->addWidget(m_answers, 1);
    column->addStretch();
    addButtons(column);
    return side;
}

void FieldView::addButtons(QVBoxLayout* column)
{
    const auto add = [&](const QString& text, const char* name, const char* icon, const QString& key, style::ButtonKind kind, auto slot, const QString& how) {
        auto* button = style::makeButton(text, kind, icon, style::ControlSize::Large);
        button->setObjectName(QString::fromLatin1(name));
        style::setButtonKey(button, key);
        style::setButtonLeft(button, true);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        style::setTip(button, text, key, how);
        leaveFocusWhenClicked(button);
        connect(button, &QPushButton::clicked, this, slot);
        column->addWidget(button);
        column->addSpacing(4);
        return button;
    };
    m_right = add(tr("Right"), "fieldRight", "check", QStringLiteral("R"), style::ButtonKind::Primary, &FieldView::right,
        tr("The answers become boxes and the picture is finished. Without an answer it is background."));
    m_wrong = add(tr("Wrong: draw it"), "fieldWrong", "label", QStringLiteral("W"), style::ButtonKind::Default, &FieldView::wrong,
        tr("Opens the picture on Label with the answers as proposals."));
    m_ignore = add(tr("Ignore"), "fieldIgnore", "eyeoff", QStringLiteral("I"), style::ButtonKind::Default, &FieldView::ignore,
        tr("It is not asked about again and joins nothing."));
    m_undo = add(tr("Take the last one back"), "fieldUndo", "undo", QStringLiteral("U"), style::ButtonKind::Quiet, &FieldView::undo, {});
}

}
