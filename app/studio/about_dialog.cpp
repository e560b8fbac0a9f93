#include "app/studio/about_dialog.h"

#include "widgets/style/paint.h"
#include "widgets/style/widgets.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace percept::studio {
namespace {

class Mark : public QWidget {
public:
    Mark() { setFixedSize(40, 40); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        style::paintMark(painter, rect(), style::tokens().accent);
    }
};

QTableWidget* partsTable()
{
    const QList<ProgramPart> parts = programParts();
    auto* table = new QTableWidget(static_cast<int>(parts.size()), 2);
    table->setObjectName(QStringLiteral("about-parts"));
    table->setAccessibleName(AboutDialog::tr("Parts and their licences"));
    table->setHorizontalHeaderLabels({ AboutDialog::tr("Part"), AboutDialog::tr("Licence") });
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(24);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    table->setShowGrid(false);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setTabKeyNavigation(false);
    for (int row = 0; row < parts.size(); ++row) {
        table->setItem(row, 0, new QTableWidgetItem(parts[row].name));
        table->setItem(row, 1, new QTableWidgetItem(parts[row].licence));
    }
    return table;
}

}

QList<ProgramPart> programParts()
{
    static constexpr const char* kParts[][2] = { { "Qt 6", "LGPL-3.0" }, { "QCustomPlot", "GPL-3.0" }, { "OpenCV core and imgproc", "Apache-2.0" },
        { "OpenVINO", "Apache-2.0" }, { "LibTorch", "BSD-3-Clause" }, { "ONNX and protobuf", "Apache-2.0, BSD-3-Clause" }, { "SQLite", "public domain" },
        { "SQLiteCpp", "MIT" }, { "libjpeg-turbo", "BSD-3-Clause, IJG" }, { "libpng", "libpng" }, { "libwebp", "BSD-3-Clause" }, { "libtiff", "libtiff" },
        { "libexif", "LGPL-2.1" }, { "FFmpeg", "GPL-2.0-or-later" }, { "pugixml", "MIT" }, { "simdjson", "Apache-2.0" }, { "zlib", "zlib" }, { "nlohmann-json", "MIT" }, { "cpp-httplib", "MIT" },
        { "libmosquitto and mosquitto", "EPL-2.0 or BSD-3-Clause" }, { "libsodium", "ISC" }, { "OpenSSL", "Apache-2.0" }, { "CLI11", "BSD-3-Clause" },
        { "fmt", "MIT" }, { "spdlog", "MIT" }, { "tl::expected", "CC0" }, { "OpenBLAS", "BSD-3-Clause" } };
    QList<ProgramPart> parts;
    for (const auto& [name, licence] : kParts)
        parts << ProgramPart { QString::fromLatin1(name), QString::fromLatin1(licence) };
    return parts;
}

AboutDialog::AboutDialog(QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("about"));
    setWindowTitle(tr("About Percept"));
    resize(520, 520);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 16);
    layout->setSpacing(8);
    auto* head = new QHBoxLayout;
    head->setSpacing(12);
    head->addWidget(new Mark);
    auto* names = new QVBoxLayout;
    names->setSpacing(0);
    auto* version = new style::PlainLabel(tr("Percept %1").arg(QApplication::applicationVersion()), style::TextRole::Title);
    version->setTextInteractionFlags(Qt::TextSelectableByMouse);
    names->addWidget(version);
    names->addWidget(new style::PlainLabel(tr("The whole loop of a vision model, on your own machine"), style::TextRole::Body, style::Ink::Text2));
    head->addLayout(names, 1);
    layout->addLayout(head);
    auto* licence = new style::PlainLabel(tr("Free software under the GNU General Public License, version 3 or later. It comes without any warranty. It stands on:"), style::TextRole::Body, style::Ink::Text2);
    licence->setWordWrap(true);
    layout->addSpacing(4);
    layout->addWidget(licence);
    layout->addWidget(partsTable(), 1);
    auto* foot = new QHBoxLayout;
    foot->addStretch(1);
    QPushButton* close = style::makeButton(tr("Close"), style::ButtonKind::Primary);
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    foot->addWidget(close);
    layout->addLayout(foot);
    close->setFocus();
}

}
