// Pictures that were moved are said to be missing and found again, with the way back.
#include "app/studio/frame/thumbnails.h"
#include "tests/app/studio/studio_support.h"
#include "widgets/style/widgets.h"

using namespace percept;
using namespace percept::studio;

namespace {

class MissingPictures : public percept::studio::test_support::Studio {
protected:
    void SetUp() override
    {
        Studio::SetUp();
        percept::test::makeSquaresProject(m_folder / "squares.percept", m_folder / "pictures", 6);
        std::filesystem::create_directories(m_folder / "disk");
        std::filesystem::rename(m_folder / "pictures", m_folder / "disk" / "pictures");
        ASSERT_TRUE(m_window->openProject(m_folder / "squares.percept"));
        ASSERT_TRUE(rowsAre(6));
        ASSERT_TRUE(eventually([&] { return note().isVisible(); }));
    }
    style::Note& note() { return *find<style::Note>("missing-note"); }
    QPushButton* findButton() { return note().findChild<QPushButton*>(); }
    void answer(const std::filesystem::path& folder)
    {
        m_window->context().choosers().folder = [folder](QWidget*, const QString&, const QString&) { return toQString(folder); };
    }
    style::Toast& toast() { return *m_window->findChild<style::Toast*>(); }
    bool hasThumbnails()
    {
        return eventually([&] {
            for (int row = 0; row < 6; ++row)
                if (model().thumbnail(row).isNull())
                    return false;
            return true;
        });
    }
};

}

TEST_F(MissingPictures, AreFoundAgainAndTheToastTakesItBack)
{
    EXPECT_TRUE(note().text().startsWith(QStringLiteral("6 pictures are not where they were"))) << note().text().toStdString();
    EXPECT_TRUE(eventually([&] { return !m_window->context().thumbnails().problem(model().itemAt(0)).isEmpty(); })) << "there is nothing to draw";
    std::filesystem::create_directories(m_folder / "empty");
    answer(m_folder / "empty");
    click(findButton());
    ASSERT_TRUE(eventually([&] { return note().text().startsWith(QStringLiteral("6 pictures were not found in")); })) << note().text().toStdString();
    answer(m_folder / "disk");
    click(findButton());
    ASSERT_TRUE(eventually([&] { return toast().isVisible() && toast().text() == QStringLiteral("Found 6 pictures again"); }));
    EXPECT_FALSE(note().isVisible());
    click(toast().findChild<style::LinkButton*>()); // it stays for some seconds only
    ASSERT_TRUE(eventually([&] { return note().isVisible(); })) << "as it was";
    click(findButton());
    ASSERT_TRUE(eventually([&] { return !note().isVisible(); }));
    EXPECT_TRUE(hasThumbnails());
}

TEST_F(MissingPictures, AreSaidOfEachProjectByItself)
{
    answer({});
    click(findButton());
    EXPECT_TRUE(note().isVisible()) << "nothing was chosen";
    percept::test::makeSquaresProject(m_folder / "other.percept", m_folder / "others", 4);
    ASSERT_TRUE(m_window->openProject(m_folder / "other.percept"));
    ASSERT_TRUE(rowsAre(4));
    QTest::qWait(100);
    EXPECT_FALSE(note().isVisible());
}
