#include "app/studio/label/box_problem.h"

#include <QCoreApplication>

namespace percept::studio {

namespace {
    constexpr double kRounding = 0.5; // picture pixels that formats and tools round away
    QString tr(const char* text) { return QCoreApplication::translate("BoxProblem", text); }
}

BoxProblem problemOf(const domain::Box& box, QSizeF picture)
{
    if (!box.hasArea())
        return BoxProblem::NoArea;
    if (picture.isEmpty())
        return BoxProblem::None;
    if (box.x >= picture.width() || box.y >= picture.height() || box.right() <= 0 || box.bottom() <= 0)
        return BoxProblem::Outside;
    const bool over = box.x < -kRounding || box.y < -kRounding || box.right() > picture.width() + kRounding || box.bottom() > picture.height() + kRounding;
    return over ? BoxProblem::OverTheEdge : BoxProblem::None;
}

QString problemText(BoxProblem problem)
{
    switch (problem) {
    case BoxProblem::NoArea: return tr("This box has no area: nothing is learned from it. Delete it, or give it a size (E).");
    case BoxProblem::Outside: return tr("This box lies outside the picture. Delete it, or give it another place (E).");
    case BoxProblem::OverTheEdge: return tr("This box reaches over the edge of the picture. Draw its edges in, or type them (E).");
    case BoxProblem::None: break;
    }
    return {};
}

}
