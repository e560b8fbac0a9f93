#include "app/studio/frame/page_column.h"

#include <QVBoxLayout>
#include <QWidget>

namespace percept::studio {

QVBoxLayout* setUpPageColumn(QWidget& page, const QString& name)
{
    page.setObjectName(name);
    page.setAutoFillBackground(true);
    page.setBackgroundRole(QPalette::Base); // the panel colour
    auto* column = new QVBoxLayout(&page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    return column;
}

}
