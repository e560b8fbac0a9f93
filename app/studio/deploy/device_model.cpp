#include "app/studio/deploy/device_model.h"

#include "core/base/time.h"
#include "widgets/style/icons.h"
#include "widgets/style/text.h"
#include "widgets/style/tokens.h"

#include <algorithm>

namespace percept::studio {

using fleet::DeviceState;

namespace {

QString qs(const std::string& text) { return QString::fromStdString(text); }

QString none() { return QStringLiteral("–"); }

QString versionText(const std::optional<fleet::NamedModel>& model) { return model ? qs(model->version) : none(); }

// "now", "2 min ago", "never"
QString seenText(const DeviceState& device, std::int64_t nowMs)
{
    if (device.seenMs == 0)
        return DeviceModel::tr("never");
    const double seconds = static_cast<double>(nowMs - device.seenMs) / 1000;
    if (device.online && seconds < 90)
        return DeviceModel::tr("now");
    return DeviceModel::tr("%1 ago").arg(qs(base::describeDuration(std::max(0.0, seconds))));
}

const char* stateIcon(const DeviceState& device)
{
    if (hasRefused(device) || !device.online)
        return "alert";
    if (!device.activity.empty() && device.activity != "idle")
        return "download";
    return isOutdated(device) ? "clock" : "ok";
}

style::Ink stateInk(const DeviceState& device)
{
    if (hasRefused(device))
        return style::Ink::Error;
    if (!device.online)
        return style::Ink::Warning;
    if (isOutdated(device) || (!device.activity.empty() && device.activity != "idle"))
        return style::Ink::Accent;
    return style::Ink::Good;
}

template <typename T>
int compared(const T& a, const T& b) { return a < b ? -1 : b < a ? 1 : 0; }

int ringOrder(const std::string& ring) { return ring == "test" ? 0 : ring == "part" ? 1 : 2; }

}

QString ringName(const std::string& ring)
{
    return ring == "test" ? DeviceModel::tr("Test") : ring == "part" ? DeviceModel::tr("Part") : DeviceModel::tr("All");
}

bool hasRefused(const DeviceState& device)
{
    return device.refused && device.wanted && device.refused->sha256 == device.wanted->sha256 && protocol::isVerdict(device.refused->kind);
}

bool isOutdated(const DeviceState& device)
{
    return device.wanted && (!device.running || device.running->sha256 != device.wanted->sha256);
}

DeviceModel::DeviceModel(QObject* parent)
    : QAbstractTableModel(parent)
{
}

bool DeviceModel::isListed(const DeviceState& device) const
{
    if (!m_filter.ring.isEmpty() && qs(device.ring) != m_filter.ring)
        return false;
    if (!m_filter.contains.isEmpty() && !qs(device.name).contains(m_filter.contains, Qt::CaseInsensitive))
        return false;
    switch (m_filter.state) {
    case DeviceFilter::State::Online: return device.online;
    case DeviceFilter::State::Offline: return !device.online;
    case DeviceFilter::State::Refused: return hasRefused(device);
    case DeviceFilter::State::Outdated: return isOutdated(device);
    default: return true;
    }
}

bool DeviceModel::isBefore(const DeviceState& a, const DeviceState& b) const
{
    const auto by = [&] {
        switch (m_sortedBy) {
        case Ring: return compared(ringOrder(a.ring), ringOrder(b.ring));
        case State: return compared(static_cast<int>(stateInk(a)), static_cast<int>(stateInk(b)));
        case Runs: return compared(versionText(a.running), versionText(b.running));
        case Wanted: return compared(versionText(a.wanted), versionText(b.wanted));
        case Frames: return compared(a.framesPerSecond, b.framesPerSecond);
        case Latency: return compared(a.latencyMs, b.latencyMs);
        case Seen: return compared(a.seenMs, b.seenMs);
        case Waiting: return compared(a.outbox, b.outbox);
        default: return compared(a.name, b.name);
        }
    };
    const int order = by();
    return m_order == Qt::AscendingOrder ? order < 0 : order > 0;
}

std::vector<std::size_t> DeviceModel::listed() const
{
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < m_devices.size(); ++i)
        if (isListed(m_devices[i]))
            rows.push_back(i);
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return isBefore(m_devices[a], m_devices[b]); });
    return rows;
}

void DeviceModel::setDevices(std::vector<DeviceState> devices, std::int64_t nowMs)
{
    m_nowMs = nowMs;
    const bool isSame = devices.size() == m_devices.size()
        && std::equal(devices.begin(), devices.end(), m_devices.begin(), [](const auto& a, const auto& b) { return a.name == b.name; });
    if (!isSame) {
        beginResetModel();
        m_devices = std::move(devices);
        m_rows = listed();
        endResetModel();
        return;
    }
    m_devices = std::move(devices);
    list(listed());
    if (!m_rows.empty()) // times go on for all; only the rows in view are painted
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

// The new order; selection and current row go with their devices.
void DeviceModel::list(std::vector<std::size_t> rows)
{
    if (rows == m_rows)
        return;
    if (rows.size() != m_rows.size()) {
        beginResetModel();
        m_rows = std::move(rows);
        return endResetModel();
    }
    emit layoutAboutToBeChanged();
    std::vector<int> placeOf(m_devices.size(), -1);
    for (std::size_t i = 0; i < rows.size(); ++i)
        placeOf[rows[i]] = static_cast<int>(i);
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    for (const QModelIndex& old : before) {
        const int place = placeOf[m_rows[static_cast<std::size_t>(old.row())]];
        after << (place < 0 ? QModelIndex() : createIndex(place, old.column()));
    }
    m_rows = std::move(rows);
    changePersistentIndexList(before, after);
    emit layoutChanged();
}

void DeviceModel::setFilter(const DeviceFilter& filter)
{
    m_filter = filter;
    list(listed());
}

void DeviceModel::sort(int column, Qt::SortOrder order)
{
    m_sortedBy = column < 0 ? static_cast<int>(Name) : column;
    m_order = order;
    list(listed());
}

int DeviceModel::rowOf(const QString& name) const
{
    for (int row = 0; row < rowCount(); ++row)
        if (qs(at(row).name) == name)
            return row;
    return -1;
}

QString DeviceModel::text(const DeviceState& device, int column) const
{
    switch (column) {
    case Name: return qs(device.name);
    case Ring: return ringName(device.ring);
    case State: return qs(fleet::describeState(device, m_nowMs));
    case Runs: return versionText(device.running);
    case Wanted: return versionText(device.wanted);
    case Frames: return device.framesPerSecond > 0 ? QString::number(device.framesPerSecond, 'f', 1) : none();
    case Latency: return device.latencyMs > 0 ? tr("%1 ms").arg(device.latencyMs, 0, 'f', 0) : none();
    case Seen: return seenText(device, m_nowMs);
    case Waiting: return device.outbox > 0 ? tr("%1 kept").arg(style::count(device.outbox)) : QStringLiteral("0");
    default: return {};
    }
}

// All columns in a sentence: some are not shown in a narrow window.
QString DeviceModel::summary(const DeviceState& device) const
{
    return tr("%1, ring %2: %3. Runs %4, wanted %5; %6 pictures a second, %7 an answer; last seen %8; outbox %9.")
        .arg(text(device, Name), text(device, Ring), text(device, State), text(device, Runs), text(device, Wanted), text(device, Frames), text(device, Latency),
            text(device, Seen), text(device, Waiting));
}

QVariant DeviceModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const DeviceState& device = at(index.row());
    const style::Tokens& t = style::tokens();
    switch (role) {
    case Qt::DisplayRole: return text(device, index.column());
    case Qt::TextAlignmentRole: return QVariant(Qt::AlignVCenter | (index.column() <= State ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ToolTipRole:
        return index.column() == State ? text(device, State).toHtmlEscaped() : index.column() == Name ? summary(device).toHtmlEscaped() : QVariant();
    case Qt::DecorationRole:
        return index.column() == State ? QVariant(style::icon(stateIcon(device), stateInk(device))) : QVariant();
    case Qt::FontRole: return style::font(index.column() == Name ? style::TextRole::Section : style::TextRole::Table);
    case Qt::ForegroundRole:
        if (index.column() == State)
            return hasRefused(device) ? t.error : t.text;
        if (index.column() == Runs && !isOutdated(device) && device.running)
            return t.accent;
        if (index.column() == Waiting && device.outbox > 0)
            return t.warning;
        return index.column() == Name || index.column() == Runs ? t.text : t.text2;
    default: return {};
    }
}

QVariant DeviceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter | (section <= State ? Qt::AlignLeft : Qt::AlignRight));
    if (role != Qt::DisplayRole)
        return {};
    const QString names[] = { tr("Device"), tr("Ring"), tr("State"), tr("Runs"), tr("Wanted"), tr("Pictures/s"), tr("Answer"), tr("Last seen"), tr("Outbox") };
    return names[section];
}

}
