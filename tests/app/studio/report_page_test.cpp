// The Report page: what it shows without a model, and its files by the real dialogs.
#include "app/studio/report/report_sheet.h"
#include "core/base/files.h"
#include "core/report/collect.h"
#include "tests/app/studio/pdf_text.h"
#include "tests/app/studio/studio_fixture.h"
#include "widgets/style/widgets.h"

#include <QCheckBox>

namespace percept::studio {
namespace {

class ReportPageTest : public StudioTest {
protected:
    void openReport()
    {
        ASSERT_NO_FATAL_FAILURE(openSquares(6));
        key(Qt::Key_7, Qt::ControlModifier);
        ASSERT_EQ(m_window->currentPage(), QStringLiteral("report"));
        ASSERT_TRUE(eventually([&] { return sheet()->hasDrawing(); }));
    }
    ReportSheet* sheet() { return named<ReportSheet>("Report"); }
    std::string written(const std::filesystem::path& file) { return base::readTextFile(file, 64 << 20).valueOr({}); }
};

TEST_F(ReportPageTest, WithoutAModelItReportsLabelingProgress)
{
    ASSERT_NO_FATAL_FAILURE(openReport());
    EXPECT_TRUE(sheet()->accessibleDescription().contains(QStringLiteral("No model yet")));
    EXPECT_TRUE(sheet()->hasDrawing());
    const QImage before = sheet()->grab().toImage();
    auto* labeling = visible<QCheckBox>([](const QCheckBox& box) { return box.text() == QStringLiteral("Labeling"); });
    ASSERT_NE(labeling, nullptr);
    QTest::mouseClick(labeling, Qt::LeftButton, {}, QPoint(10, labeling->height() / 2));
    EXPECT_NE(sheet()->grab().toImage(), before) << "a part that is unticked leaves the page";
}

// Reading takes seconds where there are many pictures: the page is paper at once, and says that it reads.
TEST_F(ReportPageTest, UntilTheNumbersAreReadThePageSaysSo)
{
    ASSERT_NO_FATAL_FAILURE(openSquares(6));
    key(Qt::Key_7, Qt::ControlModifier);
    EXPECT_FALSE(sheet()->hasDrawing()) << "what is read in the background cannot be there yet";
    EXPECT_TRUE(sheet()->accessibleDescription().contains(QStringLiteral("being read")));
    const QImage shown = sheet()->grab().toImage();
    EXPECT_EQ(shown.pixelColor(shown.width() / 2, 40), QColor(Qt::white)) << "paper";
    ASSERT_TRUE(eventually([&] { return sheet()->hasDrawing(); }));
    EXPECT_FALSE(sheet()->accessibleDescription().contains(QStringLiteral("being read")));
}

TEST_F(ReportPageTest, SavePdfWritesOnePageOfA4)
{
    ASSERT_NO_FATAL_FAILURE(openReport());
    const QString proposed = clickAndAnswer(find<QPushButton>("savePdf"), toQString(m_folder / "out.pdf"));
    EXPECT_EQ(proposed, QStringLiteral("squares-report.pdf"));
    const std::string pdf = written(m_folder / "out.pdf");
    EXPECT_EQ(pdf.substr(0, 5), "%PDF-");
    EXPECT_NE(pdf.find("/Count 1"), std::string::npos) << "one page";
    EXPECT_NE(pdf.find("/MediaBox [0 0 842"), std::string::npos) << "A4, landscape";
    EXPECT_TRUE(shows("Saved out.pdf"));
}

// Every text of the page, to be selected and searched; the numbers are those of the screen.
TEST_F(ReportPageTest, ThePdfHoldsItsTextAsText)
{
    ASSERT_NO_FATAL_FAILURE(openReport());
    clickAndAnswer(find<QPushButton>("savePdf"), toQString(m_folder / "out.pdf"));
    const QString pdf = PdfText(QByteArray::fromStdString(written(m_folder / "out.pdf"))).text();
    auto reader = dataset::ProjectReader::open(m_folder / "squares.percept").value();
    const auto data = report::collectReport(*reader, m_folder / "squares.percept");
    ASSERT_TRUE(data.hasValue());
    const auto texts = splitDrawing(QByteArray::fromStdString(report::renderSvg(data.value()))).texts;
    ASSERT_GT(texts.size(), 10);
    for (const SheetText& text : texts)
        EXPECT_TRUE(pdf.contains(QString(text.text).remove(QLatin1Char(' ')))) << text.text.toStdString() << "\nis not in\n" << pdf.toStdString();
}

TEST_F(ReportPageTest, SaveHtmlWritesOneFileThatStandsAlone)
{
    ASSERT_NO_FATAL_FAILURE(openReport());
    const QString proposed = clickAndAnswer(button("Save HTML"), toQString(m_folder / "out.html"));
    EXPECT_EQ(proposed, QStringLiteral("squares-report.html"));
    const std::string html = written(m_folder / "out.html");
    EXPECT_NE(html.find("<svg"), std::string::npos);
    EXPECT_EQ(html.find("src=\"http"), std::string::npos);
    EXPECT_TRUE(shows("Saved out.html"));
}

TEST_F(ReportPageTest, AFileThatCannotBeWrittenIsNamedWithItsCause)
{
    ASSERT_NO_FATAL_FAILURE(openReport());
    clickAndAnswer(find<QPushButton>("savePdf"), toQString(m_folder / "missing" / "out.pdf"));
    auto* banner = find<style::Note>("banner");
    ASSERT_TRUE(banner->isVisible());
    EXPECT_TRUE(banner->text().contains(QStringLiteral("The report was not saved"))) << banner->text().toStdString();
    EXPECT_TRUE(banner->text().contains(QStringLiteral("missing"))) << banner->text().toStdString();
}

}
}

int main(int argc, char** argv) { return percept::test::runStudioTests(argc, argv); }
