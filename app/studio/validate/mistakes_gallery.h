#pragma once

#include "app/studio/validate/mistakes_model.h"

#include <QListView>

namespace percept::studio {

// The mistakes as cells in rows. As many columns as fit share the whole width.
class MistakesGallery : public QListView {
    Q_OBJECT
public:
    explicit MistakesGallery(MistakesModel& model, QWidget* parent = nullptr);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    MistakeDelegate m_delegate;
};

}
