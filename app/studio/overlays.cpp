#include "app/studio/overlays.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <algorithm>
#include <iterator>
#include <utility>

namespace percept::studio {

using style::tokens;

namespace {
    constexpr int kKeyRow = 24, kLowKeyRow = 18, kSecondLine = 12, kKeysFrame = 72, kKeysMargin = 48, kMostCaps = 124;

    // 0: a word of the text; 1: one begins so; 2: inside of one, or only in the place.
    int rankOf(const QString& text, const QString& word)
    {
        int rank = 2;
        for (qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive); at >= 0; at = text.indexOf(word, at + 1, Qt::CaseInsensitive)) {
            if (at > 0 && text[at - 1].isLetterOrNumber())
                continue;
            const qsizetype end = at + word.size();
            if (end == text.size() || !text[end].isLetterOrNumber())
                return 0;
            rank = 1;
        }
        return rank;
    }

    bool finds(const PaletteEntry& entry, const QString& word)
    {
        return entry.text.contains(word, Qt::CaseInsensitive) || entry.place.contains(word, Qt::CaseInsensitive)
            || entry.also.contains(word, Qt::CaseInsensitive);
    }

    // What begins with all that was typed comes first, then by the word of it that fits worst; what only quotes it comes last.
    int rankOf(const PaletteEntry& entry, const QString& typed, const QStringList& words)
    {
        const QString& text = entry.text;
        if (text.startsWith(typed, Qt::CaseInsensitive) || entry.also.contains(typed, Qt::CaseInsensitive))
            return -1;
        if (entry.namesStep)
            return 3;
        int rank = 0;
        for (const QString& word : words)
            rank = std::max(rank, rankOf(text, word));
        return rank;
    }
}

namespace {
    bool separatesKeys(const QStringList& keys, const QString& key) // "D / A", "1 … 9"
    {
        return keys.size() > 1 && (key == QLatin1String("/") || key == QString(QChar(0x2026)));
    }

    int capsWidth(const KeyHelp& help)
    {
        const QStringList keys = help.keys.split(QLatin1Char(' '), Qt::SkipEmptyParts);
        int wide = 0;
        for (const QString& key : keys)
            wide += separatesKeys(keys, key) ? 14 : style::keyCapSize(key).width() + 4;
        return wide + 8;
    }

    // Where the texts of a column begin: behind its widest keys, but for the few that are wider than most.
    int textsLeft(const QList<KeyHelp>& keys)
    {
        int left = 0;
        for (const KeyHelp& help : keys)
            if (const int wide = capsWidth(help); wide <= kMostCaps)
                left = std::max(left, wide);
        return left;
    }

    bool takesTwoLines(const KeyHelp& help, int left, int width)
    {
        return style::textWidth(style::TextRole::Table, help.what) > width - std::max(left, capsWidth(help));
    }

    int secondLines(const QList<KeyHelp>& keys, int width)
    {
        const int left = textsLeft(keys);
        return int(std::count_if(keys.begin(), keys.end(), [=](const KeyHelp& help) { return takesTwoLines(help, left, width); }));
    }
}

Overlay::Overlay(QWidget* host)
    : QWidget(host)
{
    setFocusPolicy(Qt::StrongFocus);
    host->installEventFilter(this);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { keepFocus(now); });
    hide();
}

// The focus moves once more while a widget goes.
Overlay::~Overlay() { disconnect(qApp, nullptr, this, nullptr); }

void Overlay::openWith(QWidget* focus)
{
    closeOthers();
    if (QWidget* before = QApplication::focusWidget(); !isMine(before)) // else it was open already
        m_back = before;
    m_focus = focus;
    qApp->installEventFilter(this); // the last one comes first: before the keys of a page
    setGeometry(parentWidget()->rect());
    raise();
    show();
    focus->setFocus();
}

// What had the focus may be gone with it: a field that closes when it is left. Then the window knows who gets it.
void Overlay::close()
{
    m_focus = nullptr;
    hide();
    if (m_back && m_back->isVisible())
        m_back->setFocus();
}

void Overlay::hideEvent(QHideEvent* event)
{
    if (!event->spontaneous()) {
        m_focus = nullptr;
        qApp->removeEventFilter(this);
    }
    QWidget::hideEvent(event);
}

void Overlay::closeOthers()
{
    for (Overlay* other : parentWidget()->findChildren<Overlay*>(Qt::FindDirectChildrenOnly))
        if (other != this && other->isVisible())
            other->close();
}

bool Overlay::isMine(const QObject* object) const
{
    const auto* widget = qobject_cast<const QWidget*>(object);
    return widget && (widget == this || isAncestorOf(widget));
}

// A field beneath that closes when it is left hands the focus on later: it gets it when this closes.
void Overlay::keepFocus(QWidget* now)
{
    if (!m_focus || !isVisible() || isMine(now) || !parentWidget()->isActiveWindow() || (now && now->window() != window()))
        return;
    if (now)
        m_back = now;
    m_focus->setFocus(Qt::OtherFocusReason);
}

// Keys for what lies beneath come here instead, and so do those that are shortcuts of its commands, but for F1, Ctrl+K and Ctrl+Q,
// which open the other overlay or leave the program.
bool Overlay::takesKey(QObject* object, QEvent& event)
{
    const auto type = event.type();
    if (!m_focus || !isVisible() || !object->isWidgetType() || QApplication::activePopupWidget() || QApplication::activeModalWidget()
        || static_cast<QWidget*>(object)->window() != window())
        return false;
    const auto& key = static_cast<const QKeyEvent&>(event);
    if (type == QEvent::ShortcutOverride) {
        const bool leads = key.modifiers() == Qt::ControlModifier && (key.key() == Qt::Key_K || key.key() == Qt::Key_Q);
        if (leads || key.key() == Qt::Key_F1)
            return false;
        event.accept();
        return true;
    }
    if (isMine(object))
        return false;
    m_focus->setFocus(Qt::OtherFocusReason);
    if (type == QEvent::KeyPress)
        QApplication::sendEvent(m_focus, &event);
    return true;
}

void Overlay::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), QColor(0, 0, 0, tokens().dark ? 90 : 50));
    style::paintShadow(painter, body(), style::radius::kDialog);
    style::paintRounded(painter, body(), style::radius::kDialog, tokens().raised, tokens().lineStrong);
}

void Overlay::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape || event->key() == Qt::Key_F1)
        close();
}

void Overlay::mousePressEvent(QMouseEvent* event)
{
    if (!body().contains(event->pos()))
        close();
}

bool Overlay::eventFilter(QObject* object, QEvent* event)
{
    if (object == parentWidget() && event->type() == QEvent::Resize)
        setGeometry(parentWidget()->rect());
    const auto type = event->type();
    if ((type == QEvent::ShortcutOverride || type == QEvent::KeyPress || type == QEvent::KeyRelease) && takesKey(object, *event))
        return true;
    return QWidget::eventFilter(object, event);
}

CommandPalette::CommandPalette(QWidget* host)
    : Overlay(host)
    , m_field(style::makeSearchField(tr("Find or run a command"), this))
    , m_list(new QListWidget(this))
{
    setObjectName(QStringLiteral("command-palette"));
    style::setControlSize(m_field, style::ControlSize::Large);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    QPalette palette = m_list->palette();
    palette.setColor(QPalette::Base, Qt::transparent);
    m_list->setPalette(palette);
    m_field->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::fill);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
}

QRect CommandPalette::body() const
{
    const int wide = std::min(560, width() - 48), high = std::min(392, height() - 96);
    return QRect((width() - wide) / 2, 56, wide, high);
}

void CommandPalette::resizeEvent(QResizeEvent*)
{
    const QRect panel = body();
    m_field->setGeometry(panel.left() + 12, panel.top() + 12, panel.width() - 24, 32);
    m_list->setGeometry(panel.left() + 4, panel.top() + 52, panel.width() - 8, panel.height() - 60);
}

void CommandPalette::open(std::vector<PaletteEntry> entries, std::function<std::vector<PaletteEntry>(const QString&)> find, int coming)
{
    m_coming = coming;
    m_foundText.clear();
    m_found.clear();
    m_entries = std::move(entries);
    m_find = std::move(find);
    m_field->clear();
    fill();
    openWith(m_field);
}

// Reads the project: not again for each page whose commands come in while somebody types.
const std::vector<PaletteEntry>& CommandPalette::foundFor(const QString& text)
{
    if (text != m_foundText) {
        m_found = m_find(text);
        m_foundText = text;
    }
    return m_found;
}

void CommandPalette::add(std::vector<PaletteEntry> entries)
{
    m_coming = std::max(0, m_coming - 1);
    std::move(entries.begin(), entries.end(), std::back_inserter(m_entries));
    const QListWidgetItem* current = m_list->currentItem();
    const QString chosen = current ? current->text() : QString();
    fill();
    for (int row = 0; row < m_enabledRows; ++row)
        if (m_list->item(row)->text() == chosen)
            return m_list->setCurrentRow(row);
}

// Every word of the text must occur; what begins with it comes first, then where its words are words, or begin some.
void CommandPalette::fill()
{
    const QString text = m_field->text().trimmed();
    const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    m_shown.clear();
    for (const PaletteEntry& entry : m_entries)
        if (std::all_of(words.begin(), words.end(), [&](const QString& word) { return finds(entry, word); }))
            m_shown.push_back(entry);
    std::vector<std::pair<int, std::size_t>> order;
    for (std::size_t i = 0; i < m_shown.size(); ++i)
        order.emplace_back(rankOf(m_shown[i], text, words), i);
    std::sort(order.begin(), order.end());
    std::vector<PaletteEntry> ranked;
    for (const auto& [rank, i] : order)
        ranked.push_back(std::move(m_shown[i]));
    m_shown = std::move(ranked);
    if (m_find && text.size() >= 2)
        for (const PaletteEntry& found : foundFor(text))
            m_shown.push_back(found);
    // What cannot be run now comes last and says why.
    const auto enabledEnd = std::stable_partition(m_shown.begin(), m_shown.end(), [](const PaletteEntry& entry) { return entry.enabled; });
    m_enabledRows = static_cast<int>(enabledEnd - m_shown.begin());
    m_list->clear();
    for (const PaletteEntry& entry : m_shown) {
        QStringList details { entry.place, entry.detail };
        details.removeAll(QString());
        auto* item = new QListWidgetItem(details.isEmpty() ? entry.text : entry.text + QStringLiteral("    ") + details.join(QStringLiteral(" · ")));
        item->setSizeHint(QSize(0, 28));
        if (!entry.enabled)
            item->setFlags(Qt::NoItemFlags);
        m_list->addItem(item);
    }
    if (m_shown.empty())
        (new QListWidgetItem(m_coming > 0 ? tr("Still looking…") : tr("Nothing is called that"), m_list))->setFlags(Qt::NoItemFlags);
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent()
{
    const int row = m_list->currentRow();
    if (row < 0 || row >= m_enabledRows)
        return;
    const auto run = m_shown[static_cast<std::size_t>(row)].run;
    close();
    run();
}

bool CommandPalette::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_field && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        switch (key->key()) {
        case Qt::Key_Down:
        case Qt::Key_Up:
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + (key->key() == Qt::Key_Down ? 1 : -1), 0, std::max(m_enabledRows - 1, 0)));
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            runCurrent();
            return true;
        case Qt::Key_Escape:
            close();
            return true;
        default:
            break;
        }
    }
    return Overlay::eventFilter(object, event);
}

KeysOverlay::KeysOverlay(QWidget* host)
    : Overlay(host)
{
    setObjectName(QStringLiteral("keys-overlay"));
}

void KeysOverlay::open(const QString& scope, QList<KeyHelp> pageKeys, QList<KeyHelp> generalKeys)
{
    m_scope = scope;
    m_page = std::move(pageKeys);
    m_general = std::move(generalKeys);
    openWith(this);
}

// One, unless a page has more keys than a low window has room for.
int KeysOverlay::columns() const { return kKeysFrame + int(m_page.size()) * kLowKeyRow > height() - kKeysMargin ? 2 : 1; }

// Side by side in a panel of that width: a page says more than the frame.
std::vector<KeysOverlay::Column> KeysOverlay::columnsOf(int width) const
{
    if (m_page.isEmpty())
        return { { 0, width, tr("Everywhere"), m_general } };
    const int count = columns(), all = width * (count == 1 ? 6 : 7) / 10, wide = all / count;
    const qsizetype each = (m_page.size() + count - 1) / count;
    std::vector<Column> made;
    for (int i = 0; i < count; ++i)
        made.push_back({ i * wide, wide - 16, i == 0 ? m_scope : QString(), m_page.mid(i * each, each) });
    made.push_back({ all + 8, width - all - 8, tr("Everywhere"), m_general });
    return made;
}

QRect KeysOverlay::body() const
{
    const int most = m_page.isEmpty() ? 440 : columns() == 1 ? 920 : 1232;
    const int wide = std::min(most, width() - kKeysMargin);
    int rows = 0;
    for (const Column& column : columnsOf(wide - 48))
        rows = std::max(rows, int(column.keys.size()) * kKeyRow + secondLines(column.keys, column.width) * kSecondLine);
    const int high = std::min(kKeysFrame + rows, height() - kKeysMargin);
    return QRect((width() - wide) / 2, (height() - high) / 2, wide, high);
}

void KeysOverlay::paintEvent(QPaintEvent* event)
{
    Overlay::paintEvent(event);
    QPainter painter(this);
    const QRect panel = body().adjusted(24, 16, -24, -16);
    for (const Column& column : columnsOf(panel.width()))
        paintColumn(painter, QRect(panel.left() + column.left, panel.top(), column.width, panel.height()), column.title, column.keys);
}

void KeysOverlay::paintColumn(QPainter& painter, const QRect& area, const QString& title, const QList<KeyHelp>& keys) const
{
    painter.setFont(style::font(style::TextRole::Section));
    painter.setPen(tokens().text);
    painter.drawText(QRect(area.left(), area.top(), area.width(), 24), Qt::AlignVCenter, title);
    int y = area.top() + 28;
    // In a low window the rows move together, so that none is missing.
    const int left = textsLeft(keys), room = body().height() - kKeysFrame - secondLines(keys, area.width()) * kSecondLine;
    const int low = std::clamp(room / std::max(int(keys.size()), 1), kLowKeyRow, kKeyRow);
    for (const KeyHelp& help : keys) {
        const int high = low + (takesTwoLines(help, left, area.width()) ? kSecondLine : 0);
        paintRow(painter, QRect(area.left(), y, area.width(), high), left, help);
        y += high;
    }
}

// What does not fit beside its keys goes on in a second line.
void KeysOverlay::paintRow(QPainter& painter, const QRect& row, int left, const KeyHelp& help) const
{
    int x = row.left();
    const QStringList keys = help.keys.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QString& key : keys) {
        if (separatesKeys(keys, key)) {
            painter.setFont(style::font(style::TextRole::Table));
            painter.setPen(tokens().text3);
            painter.drawText(QRect(x, row.top(), 10, row.height()), Qt::AlignCenter, key);
            x += 14;
            continue;
        }
        const QSize cap = style::keyCapSize(key);
        style::paintKeyCap(painter, QRect(QPoint(x, row.top() + (row.height() - cap.height()) / 2), cap), key);
        x += cap.width() + 4;
    }
    painter.setFont(style::font(style::TextRole::Table));
    painter.setPen(tokens().text2);
    const bool two = takesTwoLines(help, left, row.width());
    const int from = row.left() + std::max(left, capsWidth(help)), wide = row.right() - from;
    const QString text = painter.fontMetrics().elidedText(help.what, Qt::ElideRight, two ? wide * 9 / 5 : wide + 1);
    painter.drawText(QRect(from, row.top(), wide + 1, row.height()), int(Qt::AlignVCenter) | (two ? int(Qt::TextWordWrap) : 0), text);
}

}
