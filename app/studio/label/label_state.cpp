// Where somebody was: the picture and the armed class.
#include "app/studio/label/label_page.h"

namespace percept::studio {

QJsonObject LabelPage::viewState() const
{
    const ItemId item = m_target ? m_target->item : m_document->item().id; // the target is where it is on the way to
    QJsonObject state;
    if (item.isValid())
        state.insert(QStringLiteral("item"), static_cast<double>(item.value));
    if (m_armed.isValid())
        state.insert(QStringLiteral("class"), static_cast<double>(m_armed.value));
    return state;
}

void LabelPage::restoreViewState(const QJsonObject& state)
{
    if (const LabelId armed { state.value(QStringLiteral("class")).toInteger() }; context().label(armed))
        arm(armed);
    if (const ItemId item { state.value(QStringLiteral("item")).toInteger() }; item.isValid())
        m_target = ItemTarget { item }; // taken when the list of pictures has been read; passed over when it is gone
}

}
