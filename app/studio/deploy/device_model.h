#pragma once

#include "core/fleet/rollout_view.h"

#include <QAbstractTableModel>
#include <QString>
#include <vector>

namespace percept::studio {

// Which devices are listed.
struct DeviceFilter {
    enum class State { Any, Online, Offline, Refused, Outdated };
    QString ring;     // empty: every one
    QString contains; // in the name
    State state = State::Any;
};

// The devices of the fleet, filtered and sorted; texts are made for the rows that are looked at.
class DeviceModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Ring, State, Runs, Wanted, Frames, Latency, Seen, Waiting, ColumnCount };
    explicit DeviceModel(QObject* parent = nullptr);

    // Rows that stay keep their place; only what has changed is drawn anew.
    void setDevices(std::vector<fleet::DeviceState> devices, std::int64_t nowMs);
    void setFilter(const DeviceFilter& filter);
    const DeviceFilter& filter() const { return m_filter; }
    int total() const { return static_cast<int>(m_devices.size()); }
    const fleet::DeviceState& at(int row) const { return m_devices[m_rows[static_cast<std::size_t>(row)]]; }
    int rowOf(const QString& name) const; // -1: not listed

    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : static_cast<int>(m_rows.size()); }
    int columnCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : ColumnCount; }
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    std::vector<std::size_t> listed() const;
    void list(std::vector<std::size_t> rows);
    bool isListed(const fleet::DeviceState& device) const;
    bool isBefore(const fleet::DeviceState& a, const fleet::DeviceState& b) const;
    QString text(const fleet::DeviceState& device, int column) const;
    QString summary(const fleet::DeviceState& device) const;

    std::vector<fleet::DeviceState> m_devices; // by name
    std::vector<std::size_t> m_rows;           // of m_devices, as listed
    DeviceFilter m_filter;
    int m_sortedBy = Name;
    Qt::SortOrder m_order = Qt::AscendingOrder;
    std::int64_t m_nowMs = 0;
};

QString ringName(const std::string& ring); // "Test", "Part", "All"
bool isOutdated(const fleet::DeviceState& device);
bool hasRefused(const fleet::DeviceState& device); // what it is to run

}
