// Several jobs at once: how many, and a list with a cancel for each.
#include "app/studio/job_popup.h"
#include "app/studio/top_bar.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/widgets.h"

using namespace percept;
using namespace percept::studio;

namespace {

class Jobs : public percept::studio::test_support::Studio {
protected:
    void SetUp() override
    {
        Studio::SetUp();
        openSquares(3);
        m_import = add("Import", "gather", m_importCancelled);
        m_training = add("Training", "train", m_trainingCancelled);
        m_export = add("Export", "gather", m_exportCancelled);
        m_training->setProgress(0.4, QStringLiteral("epoch 4 of 10"), QStringLiteral("3 min left"));
    }
    Job* add(const char* name, const char* page, bool& cancelled)
    {
        return m_window->context().jobs().adopt({ QString::fromLatin1(name), QString::fromLatin1(page), QString() }, [&cancelled] { cancelled = true; });
    }
    JobIndicator& chip() { return *find<JobIndicator>("job-indicator"); }
    JobPopup* list() { return find<JobPopup>("job-popup"); }
    JobRow* row(const char* name)
    {
        for (JobRow* row : m_window->findChildren<JobRow*>())
            if (row->isVisible() && row->accessibleName().startsWith(QString::fromLatin1(name)))
                return row;
        return nullptr;
    }
    Job *m_import = nullptr, *m_training = nullptr, *m_export = nullptr;
    bool m_importCancelled = false, m_trainingCancelled = false, m_exportCancelled = false;
};

}

TEST_F(Jobs, TheChipCountsThemAndItsListCancelsEach)
{
    EXPECT_TRUE(chip().accessibleName().startsWith(QStringLiteral("3 jobs"))) << chip().accessibleName().toStdString();
    click(&chip());
    ASSERT_TRUE(list() && list()->isVisible());
    ASSERT_TRUE(row("Import") && row("Training") && row("Export"));
    EXPECT_EQ(row("Training")->accessibleName(), QStringLiteral("Training epoch 4 of 10 · 3 min left"));
    m_import->setProgress(0.5, QStringLiteral("50 of 100"), QString());
    EXPECT_EQ(row("Import")->accessibleName(), QStringLiteral("Import 50 of 100"));
    click(row("Training")->findChild<QAbstractButton*>(QStringLiteral("job-cancel")));
    EXPECT_TRUE(m_trainingCancelled);
    EXPECT_FALSE(m_importCancelled || m_exportCancelled);
    EXPECT_TRUE(row("Training")->accessibleName().contains(QStringLiteral("stopping")));
    m_training->finish(Job::State::Cancelled);
    EXPECT_FALSE(row("Training"));
    EXPECT_TRUE(chip().accessibleName().startsWith(QStringLiteral("2 jobs")));
    m_import->finish(Job::State::Done);
    m_export->finish(Job::State::Done);
    EXPECT_FALSE(list()->isVisible()) << "nothing is left to list";
    EXPECT_FALSE(chip().isVisible());
}

TEST_F(Jobs, ARowLeadsToItsPageAndOneJobAloneToIts)
{
    click(&chip());
    click(row("Training"));
    EXPECT_FALSE(list()->isVisible());
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("train"));
    m_training->finish(Job::State::Done);
    m_export->finish(Job::State::Done);
    EXPECT_TRUE(chip().accessibleName().startsWith(QStringLiteral("Import"))) << chip().accessibleName().toStdString();
    click(&chip());
    EXPECT_FALSE(list()->isVisible());
    EXPECT_EQ(m_window->currentPage(), QStringLiteral("gather"));
    m_import->finish(Job::State::Done);
}
