#pragma once

#include "app/studio/frame/page.h"
#include "core/services/loop.h"
#include "core/services/relink_media.h"

#include <QPointer>
#include <optional>

class QLineEdit;
class QSlider;
class QStackedWidget;

namespace percept::style {
class EmptyState;
class LinkButton;
class Note;
class PlainLabel;
}

namespace percept::studio {

class FilterCounter;
class FilterPanel;
class GalleryModel;
class GalleryView;
class ImportReportPanel;
class SelectionBar;

// Pictures come in here, are looked through, put in sets and thrown away.
class GatherPage : public Page {
    Q_OBJECT
public:
    explicit GatherPage(StudioContext& context, QWidget* parent = nullptr);

    QString title() const override { return tr("Gather"); }
    void activated() override;
    QList<KeyHelp> keys() const override;
    QList<QAction*> commands() const override { return m_commands; }
    QList<QWidget*> panels() override;
    QWidget* home() override;
    QRect toastArea() const override;
    bool acceptDrop(const std::vector<std::filesystem::path>& files) override; // imports them
    void showFilter(const dataset::ItemFilter& filter) override;
    QJsonObject viewState() const override;
    void restoreViewState(const QJsonObject& state) override;

    const dataset::ItemFilter& filter() const;
    std::vector<ItemId> selected() const;

Q_SIGNALS:
    // The filters that made this group were cleared: nobody is after just these pictures any more.
    void groupLeft(const std::shared_ptr<const percept::studio::ItemTarget::Group>& group);

private:
    // gather_page.cpp
    void build();
    QWidget* makeBar();
    QWidget* makeGallery();
    void connectParts();
    void connectGallery();
    void connectSelection();
    void connectContext();
    static constexpr int kDefaultThumb = 156;
    void applyFilter(const dataset::ItemFilter& filter);
    void showChips();
    void showCounts();
    void showSelection();
    void select(const std::vector<ItemId>& items);
    void followThumbnails();
    void lookThrough();
    void takeCounts();
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;
    // gather_state.cpp
    struct Place { ItemId current, top; int hiddenPixels = 0; };
    Place place() const;
    void takePlace(); // that was restored, once the rows are there and seen
    // gather_actions.cpp
    enum class Needs { Selection, SelectionInTrash, Pictures, Data };
    void makeActions();
    void enableCommands();
    void openSelected();
    void openRow(const QModelIndex& index);
    void openInLabel(ItemId item);
    void openInLabel(ItemId item, const QString& name, const std::vector<ItemId>& items);
    void moveToSet(domain::SplitSet set);
    void mark(domain::ItemState state);
    void setTrashed(bool trashed);
    void emptyTrash();
    void showTornGroups();
    void mendTornGroups();
    // gather_missing.cpp
    void lookForMissing();
    void showMissing(const services::MissingMedia& missing);
    void findFolder();
    void foundAgain(const QString& folder, base::Result<services::RelinkReport> report);
    void moveFiles(const std::vector<dataset::ItemFile>& files);
    void filesMoved();
    // gather_import.cpp
    void importFiles(std::vector<std::filesystem::path> files);
    void importNext();
    void closeProject();
    void importEnded(const QString& what, base::Result<services::ImportReport> result);
    void importFailed(const QString& what, const base::Error& error);
    void showImportReport();
    void addFolder();
    void addFiles();
    void openExport();

    FilterPanel* m_filters = nullptr;
    FilterCounter* m_counter = nullptr;
    GalleryModel* m_model = nullptr;
    GalleryView* m_view = nullptr;
    SelectionBar* m_selection = nullptr;
    ImportReportPanel* m_report = nullptr;
    PageBar* m_bar = nullptr;
    QLineEdit* m_search = nullptr;
    QSlider* m_size = nullptr;
    QWidget *m_chips = nullptr, *m_galleryHost = nullptr;
    QStackedWidget* m_stack = nullptr;
    style::EmptyState *m_empty = nullptr, *m_noMatch = nullptr;
    style::LinkButton* m_clear = nullptr;
    style::PlainLabel* m_shown = nullptr;
    style::Note *m_torn = nullptr, *m_missing = nullptr;
    QString m_missingFolder;
    QWidget* m_emptyTrash = nullptr;
    QWidget* m_export = nullptr;
    QList<QAction*> m_commands;
    std::vector<std::pair<Needs, QAction*>> m_needing;
    std::vector<services::ImportRequest> m_waiting;
    std::vector<std::pair<GroupId, std::vector<ItemId>>> m_tornGroups;
    std::shared_ptr<const ItemTarget::Group> m_opened; // that Label runs through
    std::vector<ItemId> m_keep; // selected while the rows are replaced
    ItemId m_keepCurrent;
    std::optional<Place> m_place;       // to be gone to
    services::ImportReport m_sum;
    int m_projects = 0; // that were closed: an import that ends later was one of theirs
    bool m_importing = false, m_lookThrough = true, m_lookedForMissing = false, m_countsStale = false;
};

}
