#pragma once

#include <QString>
#include <QWidget>

namespace percept::plots {

// Title of a plot and, beside it and paler, its unit or how to read it.
class PlotTitle : public QWidget {
    Q_OBJECT
public:
    explicit PlotTitle(QWidget* parent = nullptr);
    void setTexts(const QString& title, const QString& help);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_title, m_help;
};

}
