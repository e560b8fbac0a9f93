#pragma once

#include "app/studio/frame/page.h"
#include "core/report/report.h"

#include <optional>
#include <vector>

class QHBoxLayout;
class QCheckBox;
class QComboBox;
class QPrinter;
class QPushButton;

namespace percept::studio {

class ReportSheet;

// Report: the manager's page, in words first. One drawing for screen, paper, PDF and HTML.
class ReportPage : public Page {
    Q_OBJECT
public:
    explicit ReportPage(StudioContext& context, QWidget* parent = nullptr);

    QString title() const override { return tr("Report"); }
    void activated() override { refresh(); }
    void showRun(const QString& run) override;
    QString menuTitle() const override { return tr("Report"); }
    QList<QAction*> commands() const override { return m_commands; }
    QJsonObject viewState() const override; // report_state.cpp
    void restoreViewState(const QJsonObject& state) override;

    // Writes the page; the sentence of a failure, or nothing. Vector, A4 landscape. Also what Save PDF does.
    std::optional<QString> writePdf(const QString& file);
    std::optional<QString> writeHtml(const QString& file);

private:
    struct Part { QString key; QCheckBox* box; bool isOnAtFirst; };
    std::vector<Part> partBoxes() const;
    void setUpPanel(QHBoxLayout* layout);
    void refresh();
    void refreshModels();
    void draw();
    report::ReportParts parts() const;
    void savePdf();
    void saveHtml();
    void print();
    void paintOn(QPrinter& printer);
    QString suggestedFile(const QString& suffix) const;

    std::optional<report::ReportData> m_data;
    int m_reads = 0;
    ReportSheet* m_sheet;
    QPushButton *m_save, *m_print;
    QComboBox* m_model;
    QCheckBox *m_headline, *m_classes, *m_versions, *m_field, *m_labeling, *m_definitions;
    QList<QAction*> m_commands;
};

}
