// Putting the page together.
#include "app/studio/train/run_view.h"
#include "app/studio/train/compare_panel.h"
#include "app/studio/train/train_page.h"
#include "widgets/style/widgets.h"

#include <QHBoxLayout>
#include <QListView>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace percept::studio {

namespace {
constexpr int kRunsWidth = 248; // px
}

void TrainPage::setUpBar()
{
    m_bar = new PageBar(title());
    m_closeWizard = style::makeButton(tr("Close"), style::ButtonKind::Quiet, "x");
    m_newRun = style::makeButton(tr("New run…"), style::ButtonKind::Primary, "plus");
    m_newRun->setObjectName(QStringLiteral("newRun"));
    m_bar->addRight(m_closeWizard);
    m_bar->addRight(m_newRun);
    m_closeWizard->hide();
    connect(m_newRun, &QPushButton::clicked, this, &TrainPage::openWizard);
    connect(m_closeWizard, &QPushButton::clicked, this, &TrainPage::closeWizard);
}

void TrainPage::setUpBody()
{
    m_empty = new style::EmptyState("train", {});
    m_emptyAction = m_empty->addPrimary({});
    connect(m_emptyAction, &QPushButton::clicked, this, [this] {
        if (m_job && m_job->isRunning())
            m_job->cancel();
        else
            openWizard();
    });
    m_stack->addWidget(m_empty);

    m_dashboard = new QWidget;
    m_dashboardLayout = new QHBoxLayout(m_dashboard);
    m_dashboardLayout->setContentsMargins(0, 0, 0, 0);
    m_dashboardLayout->setSpacing(0);
    auto* left = new QWidget;
    left->setFixedWidth(kRunsWidth);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 8);
    head->setSpacing(6);
    head->addWidget(new style::PlainLabel(tr("Runs"), style::TextRole::Section));
    m_runCount = new style::PlainLabel({}, style::TextRole::Table, style::Ink::Text3);
    head->addWidget(m_runCount);
    head->addStretch();
    head->addWidget(new style::PlainLabel(tr("AP50, validation"), style::TextRole::Caption, style::Ink::Text3));
    column->addLayout(head);
    column->addWidget(style::makeLine(Qt::Horizontal));
    m_list = new QListView;
    m_list->setObjectName(QStringLiteral("runList"));
    m_list->setAccessibleName(tr("Runs"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setModel(&m_model);
    m_list->setItemDelegate(&m_delegate);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (current.isValid() && m_view)
            m_view->showRun(current.data(RunListModel::IdRole).toString());
        if (current.isValid() && m_compare)
            m_compare->showRun(current.data(RunListModel::IdRole).toString());
        updateRunCommands();
    });
    column->addWidget(m_list, 1);
    auto* hint = new style::PlainLabel(tr("Ticked runs are drawn in the plots."), style::TextRole::Caption, style::Ink::Text3);
    hint->setContentsMargins(12, 6, 12, 8);
    column->addWidget(hint);
    m_dashboardLayout->addWidget(left);
    m_dashboardLayout->addWidget(style::makeLine(Qt::Vertical));
    m_stack->addWidget(m_dashboard);
}

}
