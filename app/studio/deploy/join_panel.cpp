#include "app/studio/deploy/join_panel.h"

#include "app/studio/deploy/device_model.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace percept::studio {

using style::Ink;
using style::PlainLabel;
using style::TextRole;

JoinPanel::JoinPanel(QWidget* parent)
    : style::Surface(Fill::Window, parent)
{
    setObjectName(QStringLiteral("joinPanel"));
    setLines(Qt::TopEdge | Qt::BottomEdge);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 8, 12, 10);
    layout->setSpacing(6);
    auto* head = new QHBoxLayout;
    head->addWidget(new PlainLabel(tr("Another machine"), TextRole::Section));
    head->addStretch();
    auto* close = style::makeToolButton("x", tr("Close"), QStringLiteral("Esc"), {}, style::ControlSize::Compact);
    connect(close, &QAbstractButton::clicked, this, &JoinPanel::closeRequested);
    head->addWidget(close);
    layout->addLayout(head);
    m_stack = new QStackedWidget;
    m_stack->addWidget(makeOpening());
    m_stack->addWidget(makeLineForm());
    layout->addWidget(m_stack);
    m_problem = new PlainLabel({}, TextRole::Table, Ink::Error);
    m_problem->setWordWrap(true);
    m_problem->hide();
    layout->addWidget(m_problem);
}

QWidget* JoinPanel::makeOpening()
{
    auto* page = new QWidget;
    auto* row = new QHBoxLayout(page);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto* text = new PlainLabel(tr("So far the hub serves this computer only. Other machines reach it at"), TextRole::Table, Ink::Text2);
    m_address = new QComboBox;
    m_address->setEditable(true);
    m_address->setMinimumWidth(180);
    m_address->setAccessibleName(tr("Address of this computer"));
    m_open = style::makeButton(tr("Let them in"), style::ButtonKind::Default);
    m_open->setObjectName(QStringLiteral("openHub"));
    style::setTip(m_open, tr("Let other machines reach the hub"), {}, tr("It then listens on every address of this computer, encrypted. Only devices that were enrolled get in."));
    row->addWidget(text);
    row->addWidget(m_address);
    row->addWidget(m_open);
    row->addStretch();
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (!m_address->currentText().trimmed().isEmpty())
            emit openRequested(m_address->currentText().trimmed());
    });
    return page;
}

QWidget* JoinPanel::makeLineForm()
{
    auto* page = new QWidget;
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    m_name = new QLineEdit;
    m_name->setObjectName(QStringLiteral("joinName"));
    m_name->setAccessibleName(tr("Name of the device"));
    m_name->setPlaceholderText(tr("Its name, for example dock-1"));
    m_name->setFixedWidth(220);
    m_ring = new QComboBox;
    m_ring->setAccessibleName(tr("Ring"));
    for (const char* ring : fleet::kRings)
        m_ring->addItem(tr("ring %1").arg(ringName(ring)), QString::fromLatin1(ring));
    m_make = style::makeButton(tr("Make a line to paste"), style::ButtonKind::Default);
    m_make->setObjectName(QStringLiteral("makeLine"));
    row->addWidget(m_name);
    row->addWidget(m_ring);
    row->addWidget(m_make);
    row->addStretch();
    column->addLayout(row);
    auto* second = new QHBoxLayout;
    second->setSpacing(8);
    m_line = new QLineEdit;
    m_line->setObjectName(QStringLiteral("joinLine"));
    m_line->setAccessibleName(tr("Line to paste on the machine"));
    m_line->setReadOnly(true);
    m_copy = style::makeButton(tr("Copy"), style::ButtonKind::Default);
    m_copy->setObjectName(QStringLiteral("copyLine"));
    m_until = new PlainLabel({}, TextRole::Table, Ink::Text2);
    second->addWidget(m_line, 1);
    second->addWidget(m_copy);
    second->addWidget(m_until);
    column->addLayout(second);
    m_access = new PlainLabel({}, TextRole::Table, Ink::Text2);
    m_access->setObjectName(QStringLiteral("joinAccess"));
    m_access->setWordWrap(true);
    m_access->hide();
    column->addWidget(m_access);
    const auto make = [this] { emit lineRequested(m_name->text().trimmed(), m_ring->currentData().toString()); };
    connect(m_make, &QPushButton::clicked, this, make);
    connect(m_name, &QLineEdit::returnPressed, this, make);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QApplication::clipboard()->setText(m_line->text());
        m_copy->setText(tr("Copied"));
    });
    return page;
}

void JoinPanel::setAddresses(const std::vector<std::string>& addresses)
{
    if (m_address->count() > 0)
        return;
    for (const auto& address : addresses)
        m_address->addItem(QString::fromStdString(address));
}

void JoinPanel::setServesOutside(bool outside) { m_stack->setCurrentIndex(outside ? 1 : 0); }

void JoinPanel::setBusy(bool busy)
{
    for (QWidget* widget : { static_cast<QWidget*>(m_open), static_cast<QWidget*>(m_make) })
        widget->setEnabled(!busy);
}

void JoinPanel::start()
{
    m_name->clear();
    m_line->clear();
    m_line->hide();
    m_copy->hide();
    m_until->setText({});
    m_access->hide();
    showProblem({});
    (m_stack->currentIndex() == 0 ? static_cast<QWidget*>(m_address) : m_name)->setFocus();
}

void JoinPanel::showGrant(const fleet::Grant& grant)
{
    showProblem({});
    m_line->setText(QStringLiteral("percept-edge enroll --state ./percept-device %1 && percept-edge run --state ./percept-device").arg(QString::fromStdString(grant.line)));
    m_line->setCursorPosition(0);
    m_line->show();
    m_copy->setText(tr("Copy"));
    m_copy->show();
    m_copy->setFocus();
    const QString when = QLocale(QLocale::English).toString(QDateTime::fromMSecsSinceEpoch(grant.expiresMs), QStringLiteral("d MMM, HH:mm"));
    m_until->setText(tr("Works once, until %1.").arg(when));
    m_access->setText(grant.othersBroker.empty() ? QString()
                                                 : tr("The broker %1 is not the hub's own: when the machine has joined, give it what percept fleet acl and percept fleet acl "
                                                      "--passwords print, or the machine is not let in.").arg(QString::fromStdString(grant.othersBroker)));
    m_access->setVisible(!grant.othersBroker.empty());
}

void JoinPanel::showProblem(const QString& sentence)
{
    m_problem->setText(sentence);
    m_problem->setVisible(!sentence.isEmpty());
}

void JoinPanel::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        emit closeRequested();
    else
        style::Surface::keyPressEvent(event);
}

}
