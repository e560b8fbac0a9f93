#pragma once

#include "app/studio/frame/studio_context.h"
#include "core/report/compare.h"

#include <QHash>
#include <QWidget>

class QHBoxLayout;
class QPushButton;

namespace percept::plots {
class IntervalTile;
}
namespace percept::style {
class PlainLabel;
}

namespace percept::studio {

// Whether a run takes the place of the version that the devices run: both answer the same pictures of today's test set, those
// that devices chose by chance among them, and what can be told of the difference stands here in words, with its interval.
// Hidden for runs that cannot take its place.
class ComparePanel : public QWidget {
    Q_OBJECT
public:
    explicit ComparePanel(StudioContext& context, QWidget* parent = nullptr);
    void showRun(const QString& run); // and whether it may be compared: read on another thread
    void compare();                   // as soon as that is known

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Subject { // what the comparison is about
        bool isFit = false; // a model without a version, newer than a version
        bool isScored = false; // checked and scored after its training: only then it can be asked
        QString version, kept; // the newest version; that it was kept, and when
    };
    static Subject readSubject(dataset::ProjectReader& reader, const std::string& run);
    using Compared = base::Result<report::ModelComparison>;
    static Compared work(const std::filesystem::path& project, const std::string& version, const std::string& run, const base::ProgressFn& progress,
        const base::CancelToken& cancel);
    void setUpButtons(QHBoxLayout* row);
    void take(const Subject& subject);
    void start();
    QString whyNotYet() const; // it cannot be compared; empty: it can
    void done(const QString& run, const QString& version, Compared compared);
    void show(const report::ModelComparison& comparison);
    void showTile(plots::IntervalTile* tile, const report::Comparison& comparison) const;
    void showState();
    void keep();

    StudioContext& m_context;
    QString m_run, m_problem;
    Subject m_subject;
    QHash<QString, std::shared_ptr<report::ModelComparison>> m_known; // by run and version
    QPointer<Job> m_job;
    QString m_jobRun;
    bool m_wanted = false; // asked for before it was known whether it fits
    int m_reads = 0;

    style::PlainLabel *m_title, *m_words;
    plots::IntervalTile *m_test, *m_field;
    QPushButton *m_compare, *m_keep, *m_ship;
};

}
