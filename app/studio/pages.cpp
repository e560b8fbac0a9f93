#include "app/studio/main_window.h"

#ifdef PERCEPT_HAS_GATHER
#include "app/studio/gather/gather_page.h"
#endif
#ifdef PERCEPT_HAS_LABEL
#include "app/studio/label/label_page.h"
#endif
#ifdef PERCEPT_HAS_TRAIN
#include "app/studio/train/train_page.h"
#endif
#ifdef PERCEPT_HAS_VALIDATE
#include "app/studio/validate/validate_page.h"
#endif
#ifdef PERCEPT_HAS_REPORT
#include "app/studio/report/report_page.h"
#endif

namespace percept::studio {
namespace {

template <typename P>
Page* make(StudioContext& context, QWidget* parent)
{
    return new P(context, parent);
}

[[maybe_unused]] qint64 unfinished(const StudioContext& context)
{
    qint64 count = 0;
    for (const domain::ItemState state : { domain::ItemState::ToDo, domain::ItemState::ToReview })
        if (const auto it = context.counts().byState.find(state); it != context.counts().byState.end())
            count += it->second;
    return count;
}

}

std::vector<PageEntry> allPages()
{
    std::vector<PageEntry> pages;
#ifdef PERCEPT_HAS_GATHER
    pages.push_back({ QStringLiteral("gather"), MainWindow::tr("Gather"), "gather", 1, make<GatherPage>, {} });
#endif
#ifdef PERCEPT_HAS_LABEL
    pages.push_back({ QStringLiteral("label"), MainWindow::tr("Label"), "label", 2, make<LabelPage>, unfinished });
#endif
#ifdef PERCEPT_HAS_TRAIN
    pages.push_back({ QStringLiteral("train"), MainWindow::tr("Train"), "train", 3, make<TrainPage>, {} });
#endif
#ifdef PERCEPT_HAS_VALIDATE
    pages.push_back({ QStringLiteral("validate"), MainWindow::tr("Validate"), "validate", 4, make<ValidatePage>, {} });
#endif
#ifdef PERCEPT_HAS_REPORT
    pages.push_back({ QStringLiteral("report"), MainWindow::tr("Report"), "report", 7, make<ReportPage>, {} });
#endif
    return pages;
}

}
