#include "app/studio/label/object_fields.h"

#include "widgets/style/widgets.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace percept::studio {

// What is selected and where it came from. Another text needs no other room: a label would lay out the window anew.
class ObjectFields::Head : public QWidget {
public:
    Head()
    {
        setObjectName(QStringLiteral("objectHead"));
        setFixedHeight(20);
        setAttribute(Qt::WA_OpaquePaintEvent);
    }
    void show(const QString& title, const QString& origin)
    {
        if (title == m_title && origin == m_origin)
            return;
        m_title = title;
        m_origin = origin;
        setAccessibleName(origin.isEmpty() ? title : title + QStringLiteral(", ") + origin);
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        using namespace style;
        QPainter p(this);
        p.fillRect(rect(), tokens().panel);
        const int originWidth = m_origin.isEmpty() ? 0 : textWidth(TextRole::Caption, m_origin) + 1;
        drawText(p, TextRole::Caption, QRect(width() - originWidth, 0, originWidth, height()), tokens().text3, m_origin);
        const int room = width() - originWidth - 6;
        drawText(p, TextRole::Section, QRect(0, 0, room, height()), tokens().text, elidedBeforeLastWord(TextRole::Section, m_title, room));
        setToolTip(textWidth(TextRole::Section, m_title) > room ? plainTip(m_title) : QString());
    }

private:
    QString m_title, m_origin;
};

ObjectFields::ObjectFields(QWidget* parent)
    : QWidget(parent)
    , m_head(new Head)
{
    setObjectName(QStringLiteral("objectFields"));
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(6);
    grid->setVerticalSpacing(6);
    static const char* const kNames[] = { "X", "Y", "W", "H" };
    for (int i = 0; i < 4; ++i) {
        auto* field = m_fields[i] = new QLineEdit;
        field->setObjectName(QStringLiteral("field") + QLatin1String(kNames[i]));
        field->setAccessibleName(QStringList { tr("Left"), tr("Top"), tr("Width"), tr("Height") }.at(i));
        style::setControlSize(field, style::ControlSize::Compact);
        field->installEventFilter(this);
        connect(field, &QLineEdit::editingFinished, this, [this, field] { takeEdit(field); });
        auto* name = new style::PlainLabel(QLatin1String(kNames[i]), style::TextRole::Table, style::Ink::Text3);
        name->setFixedWidth(20);
        grid->addWidget(name, i / 2, (i % 2) * 2);
        grid->addWidget(field, i / 2, (i % 2) * 2 + 1);
    }
    auto* flags = new QGridLayout;
    flags->setHorizontalSpacing(12);
    flags->setVerticalSpacing(2);
    const QString names[] = { tr("Occluded"), tr("Truncated"), tr("Crowd"), tr("Difficult") };
    static const char* const kKeys[] = { "Q", "T", "Y", "U" };
    for (int i = 0; i < 4; ++i) {
        m_flags[i] = new QCheckBox(names[i]);
        m_flags[i]->setFocusPolicy(Qt::TabFocus);
        m_flags[i]->setFont(style::font(style::TextRole::Table));
        connect(m_flags[i], &QCheckBox::clicked, this, [this, i](bool on) { Q_EMIT flagToggled(i, on); });
        auto* cell = new QHBoxLayout;
        cell->addWidget(m_flags[i], 1);
        cell->addWidget(new style::KeyCap(QLatin1String(kKeys[i])));
        flags->addLayout(cell, i / 2, i % 2);
    }
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->setSpacing(8);
    layout->addWidget(m_head);
    layout->addLayout(grid);
    layout->addLayout(flags);
}

QString ObjectFields::text(double value) const
{
    // Imported boxes may lie between pixels: two digits are enough to see, the stored value stays until edited.
    return std::abs(value - std::round(value)) < 5e-3 ? QString::number(qint64(std::llround(value))) : QString::number(value, 'f', 2);
}

void ObjectFields::show(const QString& title, const QString& origin, const std::vector<domain::Annotation>& objects, QSizeF picture, bool locked)
{
    m_head->show(title, origin);
    m_picture = picture;
    const bool one = objects.size() == 1;
    m_box = one ? objects.front().box : domain::Box {};
    const double values[] = { m_box.x, m_box.y, m_box.w, m_box.h };
    for (int i = 0; i < 4; ++i) {
        m_fields[i]->setEnabled(one && !locked);
        const QString value = one ? text(values[i]) : QString();
        if (m_fields[i]->text() != value && (!m_fields[i]->hasFocus() || !m_fields[i]->isModified()))
            m_fields[i]->setText(value);
        showError(i, false);
    }
    for (int i = 0; i < 4; ++i) {
        std::size_t on = 0;
        for (const auto& a : objects)
            on += std::array { a.flags.occluded, a.flags.truncated, a.flags.crowd, a.flags.difficult }[std::size_t(i)];
        const QSignalBlocker block(m_flags[i]);
        m_flags[i]->setEnabled(!objects.empty() && !locked);
        const auto state = on == 0 ? Qt::Unchecked : on == objects.size() ? Qt::Checked : Qt::PartiallyChecked;
        if (m_flags[i]->checkState() != state) // it paints itself again in any case
            m_flags[i]->setCheckState(state);
    }
}

void ObjectFields::showError(int field, bool error)
{
    if (std::exchange(m_wrong[field], error) != error)
        style::setFieldError(m_fields[field], error);
}

void ObjectFields::focusFirst()
{
    m_fields[0]->setFocus(Qt::ShortcutFocusReason);
    m_fields[0]->selectAll();
}

namespace {
    // Into the picture: the place moves as far as the size leaves room, the size grows to the edge.
    void clampPart(domain::Box& box, int part, QSizeF picture)
    {
        switch (part) {
        case 0: box.x = std::clamp(box.x, 0.0, std::max(picture.width() - box.w, 0.0)); break;
        case 1: box.y = std::clamp(box.y, 0.0, std::max(picture.height() - box.h, 0.0)); break;
        case 2: box.w = std::min(box.w, picture.width() - box.x); break;
        default: box.h = std::min(box.h, picture.height() - box.y);
        }
    }
}

bool ObjectFields::takeEdit(QLineEdit* field)
{
    if (!field->isModified())
        return true;
    field->setModified(false);
    const int at = int(std::find(std::begin(m_fields), std::end(m_fields), field) - std::begin(m_fields));
    bool isNumber = false;
    const double value = field->text().trimmed().replace(QLatin1Char(','), QLatin1Char('.')).toDouble(&isNumber);
    domain::Box box = m_box;
    double* const parts[] = { &box.x, &box.y, &box.w, &box.h };
    *parts[at] = value;
    QString why;
    if (!isNumber || !std::isfinite(value))
        why = tr("“%1” is not a number: give pixels, as in 12 or 12.5").arg(field->text());
    else if (at >= 2 && value <= 0)
        why = tr("Width and height must be more than 0 pixels");
    else
        clampPart(box, at, m_picture);
    if (why.isEmpty() && !box.hasArea())
        why = tr("The box must lie inside the picture, %1 × %2.").arg(m_picture.width()).arg(m_picture.height());
    showError(at, !why.isEmpty());
    field->setToolTip(why);
    if (!why.isEmpty()) {
        Q_EMIT refused(why);
        return false;
    }
    field->setText(text(*parts[at]));
    if (box != m_box) {
        m_box = box;
        Q_EMIT boxEdited(box);
    }
    return true;
}

bool ObjectFields::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        auto* field = static_cast<QLineEdit*>(object);
        if (key == Qt::Key_Escape) {
            field->setModified(false);
            Q_EMIT finished();
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            takeEdit(field) ? Q_EMIT finished() : field->selectAll(); // refused: it stays to be mended
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

}
