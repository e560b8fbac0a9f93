#include "app/studio/deploy/deploy_page.h"
#include "app/studio/frame/field_inbox.h"
#include "app/studio/gather/gather_page.h"
#include "app/studio/label/label_page.h"
#include "app/studio/main_window.h"
#include "app/studio/monitor/monitor_page.h"
#include "app/studio/report/report_page.h"
#include "app/studio/train/train_page.h"
#include "app/studio/validate/validate_page.h"

namespace percept::studio {
namespace {

template <typename P>
Page* make(StudioContext& context, QWidget* parent)
{
    return new P(context, parent);
}

qint64 unfinished(const StudioContext& context)
{
    qint64 count = 0;
    for (const domain::ItemState state : { domain::ItemState::ToDo, domain::ItemState::ToReview })
        if (const auto it = context.counts().byState.find(state); it != context.counts().byState.end())
            count += it->second;
    return count;
}

qint64 fromDevices(const StudioContext& context) { return context.field() ? static_cast<qint64>(context.field()->waiting().size()) : 0; }

}

std::vector<PageEntry> allPages()
{
    return { { QStringLiteral("gather"), MainWindow::tr("Gather"), "gather", 1, make<GatherPage>, {} },
        { QStringLiteral("label"), MainWindow::tr("Label"), "label", 2, make<LabelPage>, unfinished },
        { QStringLiteral("train"), MainWindow::tr("Train"), "train", 3, make<TrainPage>, {} },
        { QStringLiteral("validate"), MainWindow::tr("Validate"), "validate", 4, make<ValidatePage>, {} },
        { QStringLiteral("deploy"), MainWindow::tr("Deploy"), "deploy", 5, make<DeployPage>, {} },
        { QStringLiteral("monitor"), MainWindow::tr("Monitor"), "monitor", 6, make<MonitorPage>, fromDevices },
        { QStringLiteral("report"), MainWindow::tr("Report"), "report", 7, make<ReportPage>, {} } };
}

}
