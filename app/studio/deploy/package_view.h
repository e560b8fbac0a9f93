#pragma once

#include "app/studio/deploy/fact_card.h"
#include "app/studio/deploy/shipment.h"

#include <QHash>
#include <QListWidget>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QVBoxLayout;

namespace percept::studio {

// New package: what the devices are to run, left; what will happen, right. Packages and checks first; nothing reaches a
// device before Deploy.
class PackageView : public QWidget {
    Q_OBJECT
public:
    static constexpr int kFactsRole = Qt::UserRole + 1; // of the list: the line of facts below a name
    static constexpr int kAfterADay = 3; // of the times in each ring: night and day, unless people choose
    explicit PackageView(Shipment& shipment, QWidget* parent = nullptr);

    void setCandidates(std::vector<Candidate> candidates);
    void choose(const QString& run); // nothing while another one is on its way
    void reset(); // as it is when it is opened anew: the newest model, promoted by people
    // By version: who refused it and why, in words.
    void setRefused(const QHash<QString, QString>& refused);
    // Whom it would reach, and what runs there; `running`: the version of a roll-out that has to be stopped first.
    void setReach(std::size_t testDevices, const QString& running, const QString& before);
    void setOther(const QString& words); // another project's model that makes way for it; empty: none
    void setDeploying(bool deploying);
    void showProblem(const QString& sentence); // of the hub
    int promoteAfterMinutes() const; // 0: people promote it

signals:
    void deployRequested();
    void closeRequested();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    void setUpList(QVBoxLayout* layout);
    QWidget* setUpConsequences();
    QWidget* setUpFooter();
    void go(); // what the primary button says
    void follow();
    const Candidate* chosen() const;
    void showFacts(); // of every candidate, with who refused it
    QString stageText() const;
    QString comparedText() const;
    QWidget* setUpByItself();
    void showCaution();
    void showNext();

    Shipment& m_shipment;
    std::vector<Candidate> m_candidates;
    std::size_t m_devices = 0;
    QString m_running, m_before, m_other;
    QHash<QString, QString> m_refused;
    bool m_isDeploying = false, m_hasChosen = false, m_wasLower = false;
    QListWidget* m_list;
    style::PlainLabel *m_hint, *m_stage, *m_reach, *m_next;
    style::Note *m_note, *m_caution, *m_slower, *m_otherNote;
    QCheckBox* m_byItself;
    QComboBox* m_after;
    FactCard* m_card;
    QPushButton *m_go, *m_cancel;
};

}
