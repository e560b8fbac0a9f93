// What somebody chose to see: the model and the parts of the page.
#include "app/studio/report/report_page.h"

#include <QCheckBox>
#include <QComboBox>

namespace percept::studio {
namespace {
const QString kModel = QStringLiteral("model"), kParts = QStringLiteral("parts");
}

std::vector<ReportPage::Part> ReportPage::partBoxes() const
{
    return { { QStringLiteral("headline"), m_headline, true }, { QStringLiteral("classes"), m_classes, true }, { QStringLiteral("versions"), m_versions, true },
        { QStringLiteral("field"), m_field, true }, { QStringLiteral("labeling"), m_labeling, true }, { QStringLiteral("definitions"), m_definitions, false } };
}

QJsonObject ReportPage::viewState() const
{
    QJsonObject parts;
    for (const Part& part : partBoxes())
        parts.insert(part.key, part.box->isChecked());
    return { { kModel, m_model->currentData().toString() }, { kParts, parts } };
}

void ReportPage::restoreViewState(const QJsonObject& state)
{
    const QJsonObject parts = state.value(kParts).toObject();
    for (const Part& part : partBoxes())
        part.box->setChecked(parts.value(part.key).toBool(part.isOnAtFirst));
    refreshModels();
    m_model->setCurrentIndex(std::max(0, m_model->findData(state.value(kModel).toString())));
}

}
