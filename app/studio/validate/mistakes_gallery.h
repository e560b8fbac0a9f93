#pragma once

#include "app/studio/validate/mistake_delegate.h"

#include <QListView>

namespace percept::style {
class LinkButton;
class PlainLabel;
}

namespace percept::studio {

// The mistakes as cells in rows. As many columns as fit share the whole width.
class MistakesGallery : public QListView {
    Q_OBJECT
public:
    explicit MistakesGallery(MistakesModel& model, QWidget* parent = nullptr);

    // Instead of the cells; empty: none. `filtered`: with a way to all mistakes.
    void setEmptyText(const QString& text, bool filtered);

signals:
    void allRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void placeEmpty();
    MistakeDelegate m_delegate;
    QWidget* m_empty;
    style::PlainLabel* m_emptyText;
    style::LinkButton* m_all;
};

}
