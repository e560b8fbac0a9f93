#pragma once

#include "core/services/loop.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace percept::studio {

// What an import brought and what it did not, above the gallery until it is closed: totals, conventions, each file left out.
class ImportReportPanel : public QWidget {
    Q_OBJECT
public:
    explicit ImportReportPanel(QWidget* parent = nullptr);
    void showReport(const services::ImportReport& report);
    void showFailure(const QString& what, const QString& sentence);
    QString text() const; // all of it, for the clipboard and tests

Q_SIGNALS:
    void closed();
    void showFlagged(); // boxes without area

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void setHead(const QString& icon, const QString& text, bool failed);
    QPlainTextEdit* m_details;
    QPushButton *m_flagged, *m_toggle, *m_copy;
    QString m_icon;
    QLabel* m_head;
    bool m_failed = false;
};

QString importSentence(const services::ImportReport& report);
// Conventions, then what was left out, a line each; what is the same is said once.
QString importDetails(const services::ImportReport& report);

}
