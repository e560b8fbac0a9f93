// What is said of a run, wherever it is shown.
#include "app/studio/train/run_list_model.h"

namespace percept::studio {

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString figureText(double figure) { return QString::number(figure, 'f', 3); }

}

QString shortScore(const runs::RunInfo& run)
{
    if (const auto score = run.scoredMap50 ? run.scoredMap50 : run.bestMap50)
        return figureText(*score);
    return isLive(run) ? QString() : QStringLiteral("–");
}

QString scoreText(const runs::RunInfo& run)
{
    if (run.scoredMap50)
        return RunListModel::tr("AP50 %1 on validation").arg(figureText(*run.scoredMap50));
    return run.bestMap50 ? RunListModel::tr("best AP50 %1 while training").arg(figureText(*run.bestMap50)) : QString();
}

QString scoreWords(const runs::RunInfo& run)
{
    if (run.scoredMap50 && run.bestMap50)
        return RunListModel::tr("AP50 %1: the model that was kept, scored on the validation set as it ships, as on Validate.\n"
                                "The curve reached %2 at its best epoch. It shows the weights of each epoch, measured inside the training; the model that is kept need not be that of the best one.")
            .arg(figureText(*run.scoredMap50), figureText(*run.bestMap50));
    if (run.scoredMap50)
        return RunListModel::tr("AP50 %1: the model that was kept, scored on the validation set as it ships, as on Validate.").arg(figureText(*run.scoredMap50));
    return run.bestMap50 ? RunListModel::tr("AP50 %1 on the validation set: the best epoch so far, measured inside the training. The model is scored when it is through.").arg(figureText(*run.bestMap50)) : QString();
}

QString runTitle(const std::string& id)
{
    bool ok = false;
    const int number = qs(id).mid(1).toInt(&ok);
    return ok ? RunListModel::tr("Run %1").arg(number) : qs(id);
}

QString runTitle(const runs::RunInfo& run) { return run.name.empty() ? runTitle(run.id) : qs(run.name); }

namespace {

QString recipeName(const runs::RunInfo& run) { return run.config.recipe == "full" ? RunListModel::tr("Full") : qs(run.config.recipe); }

}

QString shortRunFacts(const runs::RunInfo& run)
{
    QStringList parts;
    if (!run.name.empty())
        parts << runTitle(run.id);
    parts << recipeName(run);
    if (run.config.datasetVersion > 0)
        parts << RunListModel::tr("v%1").arg(run.config.datasetVersion);
    parts << RunListModel::tr("seed %1").arg(run.config.seed);
    return parts.join(QStringLiteral(" · "));
}

QString runFacts(const runs::RunInfo& run)
{
    QStringList parts;
    if (!run.name.empty())
        parts << runTitle(run.id);
    parts << recipeName(run);
    parts << (run.config.backbone == "efficientnet-lite0" ? QStringLiteral("Lite0") : qs(run.config.backbone));
    if (run.config.longSide > 0)
        parts << RunListModel::tr("%1 px").arg(run.config.longSide);
    if (run.config.datasetVersion > 0)
        parts << RunListModel::tr("data v%1").arg(run.config.datasetVersion);
    parts << RunListModel::tr("seed %1").arg(run.config.seed);
    return parts.join(QStringLiteral(" · "));
}

bool isLive(const runs::RunInfo& run) { return run.status == "running"; }

bool isUnfinished(const runs::RunInfo& run)
{
    return (run.status == "stopped" && !run.hasModel) || run.status == "crashed" || run.status == "failed" || run.status == "prepared";
}

QString runStatusText(const runs::RunInfo& run)
{
    if (run.status == "running")
        return RunListModel::tr("Training");
    if (run.status == "ok")
        return run.modelVersion.empty() ? RunListModel::tr("Finished") : RunListModel::tr("Model %1").arg(qs(run.modelVersion));
    if (run.status == "stopped" && !run.hasModel)
        return RunListModel::tr("Stopped, no model");
    if (run.status == "stopped")
        return run.modelVersion.empty() ? RunListModel::tr("Stopped, kept") : RunListModel::tr("Model %1").arg(qs(run.modelVersion));
    if (run.status == "crashed")
        return RunListModel::tr("Interrupted");
    if (run.status == "prepared")
        return RunListModel::tr("Not started");
    return RunListModel::tr("Failed");
}

}
