#pragma once

#include <QByteArray>
#include <QHash>
#include <QRegularExpression>
#include <QString>

// The text of a PDF of Qt's writer, as a reader finds it to select and to search: glyphs back to letters by the map that the font
// brings. Outlines have none.
namespace percept::studio {

class PdfText {
public:
    explicit PdfText(const QByteArray& pdf)
    {
        const QString all = QString::fromLatin1(pdf); // a byte a letter
        for (auto it = QRegularExpression(QStringLiteral("(\\d+) 0 obj\\n(.*?)endobj"), QRegularExpression::DotMatchesEverythingOption).globalMatch(all); it.hasNext();) {
            const auto object = it.next();
            m_objects.insert(object.captured(1), object.captured(2));
        }
        for (const QString& object : std::as_const(m_objects))
            for (auto it = QRegularExpression(QStringLiteral("/(F\\d+) (\\d+) 0 R")).globalMatch(object); it.hasNext();) {
                const auto font = it.next();
                m_letters.insert(font.captured(1), lettersOf(font.captured(2)));
            }
        for (const QString& object : std::as_const(m_objects))
            if (const QString content = streamOf(object); content.contains(QStringLiteral("BT\n")))
                read(content);
    }
    const QString& text() const { return m_text; } // without blanks: readers make them of the distances

private:
    static QString streamOf(const QString& object)
    {
        const qsizetype begin = object.indexOf(QStringLiteral("stream\n")), end = object.lastIndexOf(QStringLiteral("\nendstream"));
        if (begin < 0 || end < 0)
            return {};
        const QByteArray bytes = object.mid(begin + 7, end - begin - 7).toLatin1();
        return QString::fromLatin1(object.contains(QStringLiteral("FlateDecode")) ? qUncompress(QByteArray("\0\1\0\0", 4) + bytes) : bytes);
    }
    QHash<int, QString> lettersOf(const QString& font) const
    {
        QHash<int, QString> letters;
        const auto map = QRegularExpression(QStringLiteral("/ToUnicode (\\d+) 0 R")).match(m_objects.value(font));
        const QString stream = streamOf(m_objects.value(map.captured(1)));
        static const QRegularExpression range(QStringLiteral("<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> (?:<([0-9A-Fa-f]{4})>|\\[([^\\]]*)\\])"));
        for (auto it = range.globalMatch(stream); it.hasNext();) {
            const auto entry = it.next();
            const int first = entry.captured(1).toInt(nullptr, 16), last = entry.captured(2).toInt(nullptr, 16);
            const QStringList many = entry.captured(4).remove(QLatin1Char('<')).remove(QLatin1Char('>')).simplified().split(QLatin1Char(' '));
            for (int glyph = first; glyph <= last; ++glyph) {
                const int code = entry.captured(3).isEmpty() ? many.value(glyph - first).toInt(nullptr, 16) : entry.captured(3).toInt(nullptr, 16) + glyph - first;
                letters.insert(glyph, QString(QChar(code)));
            }
        }
        return letters;
    }
    void read(const QString& content)
    {
        QString font;
        for (auto it = QRegularExpression(QStringLiteral("/(F\\d+) [\\d.]+ Tf|<([0-9A-Fa-f]+)>")).globalMatch(content); it.hasNext();) {
            const auto token = it.next();
            if (!token.captured(1).isEmpty())
                font = token.captured(1);
            for (qsizetype at = 0; at + 4 <= token.captured(2).size(); at += 4)
                m_text += m_letters.value(font).value(token.captured(2).mid(at, 4).toInt(nullptr, 16));
        }
        m_text.remove(QRegularExpression(QStringLiteral("\\s")));
    }

    QHash<QString, QString> m_objects;
    QHash<QString, QHash<int, QString>> m_letters;
    QString m_text;
};

}
