#include "app/studio/label/class_field.h"

#include "core/domain/class_name.h"
#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>

namespace percept::studio {

namespace {
    constexpr int kWidth = 240, kMaxLines = 7;
    constexpr int kItself = 1'000'000; // above every score that letters get
}

ClassField::ClassField(StudioContext& context, QWidget* canvas)
    : QFrame(canvas)
    , m_context(context)
    , m_edit(new QLineEdit)
    , m_list(new QListWidget)
{
    setObjectName(QStringLiteral("classField"));
    m_edit->setObjectName(QStringLiteral("classFieldEdit"));
    m_edit->setAccessibleName(tr("Class name"));
    m_edit->setMaxLength(100);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(4);
    layout->addWidget(m_edit);
    layout->addWidget(m_list);
    m_edit->installEventFilter(this);
    connect(m_edit, &QLineEdit::textChanged, this, &ClassField::refill);
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem* item) {
        m_list->setCurrentItem(item);
        takeCurrent();
    });
    hide();
}

int ClassField::fuzzyScore(const QString& text, const QString& name)
{
    int score = 0, from = 0, last = -2;
    for (const QChar c : text) {
        const int at = int(name.indexOf(c, from, Qt::CaseInsensitive));
        if (at < 0)
            return -1;
        const bool wordStart = at == 0 || !name.at(at - 1).isLetterOrNumber();
        score += 1 + (at == last + 1 ? 3 : 0) + (wordStart ? 2 : 0) + (at == 0 ? 2 : 0);
        last = at;
        from = at + 1;
    }
    return score * 100 - int(name.size());
}

void ClassField::open(const QString& asking, QPoint at)
{
    m_at = at;
    m_edit->clear();
    m_edit->setPlaceholderText(asking);
    refill();
    show();
    raise();
    m_edit->setFocus(Qt::PopupFocusReason);
}

void ClassField::refill()
{
    const QString text = m_edit->text().trimmed();
    std::vector<std::pair<int, const domain::Label*>> found;
    bool exact = false;
    for (const domain::Label& label : m_context.labels()) {
        const QString name = QString::fromStdString(label.name);
        const bool isIt = domain::isSameClassName(label.name, text.toStdString()); // but for capitals: no second one is made
        exact |= isIt;
        if (const int score = fuzzyScore(text, name); score >= 0 || text.isEmpty())
            found.emplace_back(text.isEmpty() ? 0 : label.name == text.toStdString() ? kItself + 1 : isIt ? kItself : score, &label);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    m_list->clear();
    for (const auto& [score, label] : found) {
        QPixmap swatch(12, 12);
        swatch.fill(Qt::transparent);
        QPainter painter(&swatch);
        style::paintSwatch(painter, QRectF(1, 1, 10, 10), m_context.labelColor(label->id), m_context.labelHatched(label->id));
        painter.end();
        auto* item = new QListWidgetItem(QIcon(swatch), QString::fromStdString(label->name), m_list);
        item->setData(Qt::UserRole, qint64(label->id.value));
    }
    if (!text.isEmpty() && !exact) {
        auto* item = new QListWidgetItem(style::icon("plus"), tr("Create “%1”").arg(text), m_list);
        item->setData(Qt::UserRole, qint64(0));
    }
    m_list->setCurrentRow(0);
    const int lines = std::min(m_list->count(), kMaxLines);
    m_list->setFixedHeight(lines * style::height::kRow + (lines ? 4 : 0));
    m_list->setVisible(lines > 0);
    resize(kWidth, layout()->sizeHint().height());
    const QSize room = parentWidget()->size();
    move(std::clamp(m_at.x(), 4, std::max(room.width() - width() - 4, 4)), std::clamp(m_at.y(), 4, std::max(room.height() - height() - 4, 4)));
}

void ClassField::takeCurrent()
{
    QListWidgetItem* item = m_list->currentItem();
    if (!item)
        return;
    const LabelId id { item->data(Qt::UserRole).toLongLong() };
    const QString name = m_edit->text().trimmed();
    hide();
    parentWidget()->setFocus();
    if (id.isValid())
        Q_EMIT chosen(id);
    else
        Q_EMIT created(name);
}

void ClassField::leave()
{
    hide();
    parentWidget()->setFocus();
    Q_EMIT cancelled();
}

bool ClassField::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int row = m_list->currentRow();
        switch (key) {
        case Qt::Key_Escape: leave(); return true;
        case Qt::Key_Return:
        case Qt::Key_Enter: takeCurrent(); return true;
        case Qt::Key_Down: m_list->setCurrentRow(std::min(row + 1, m_list->count() - 1)); return true;
        case Qt::Key_Up: m_list->setCurrentRow(std::max(row - 1, 0)); return true;
        default: break;
        }
    }
    return QFrame::eventFilter(object, event);
}

void ClassField::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& t = style::tokens();
    style::paintRounded(painter, rect(), style::radius::kCard, t.raised, t.lineStrong);
}

}
