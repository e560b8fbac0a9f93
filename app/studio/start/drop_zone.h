#pragma once

#include <QStringList>
#include <QWidget>

namespace percept::style {
class PlainLabel;
class LinkButton;
}

namespace percept::studio {

// A dashed place for data: what was dropped or chosen, or what may be.
class DropZone : public QWidget {
    Q_OBJECT
public:
    explicit DropZone(QWidget* parent = nullptr);
    void setFiles(const QStringList& files);
    const QStringList& files() const { return m_files; }

Q_SIGNALS:
    void folderRequested();
    void filesRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QStringList m_files;
    style::PlainLabel *m_what, *m_how;
    style::LinkButton* m_clear;
};

}
