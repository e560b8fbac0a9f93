#include "widgets/style/tokens.h"

#include "widgets/style/percept_style.h"
#include "widgets/style/text.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusVariant>
#include <QPalette>
#include <QStyleFactory>
#include <QToolTip>
#include <array>

namespace percept::style {
namespace {

Theme g_theme = Theme::Dark;

Tokens darkTokens()
{
    Tokens t;
    t.window = 0x16181B, t.panel = 0x1C1E22, t.raised = 0x25282D, t.hover = 0x2C3036, t.pressed = 0x353A41;
    t.canvas = 0x0F1012, t.field = 0x16181B, t.railActive = 0x25282D;
    t.line = 0x2A2D33, t.lineStrong = 0x3B4048;
    t.text = 0xE7E9EC, t.text2 = 0xA8AEB7, t.text3 = 0x878E98, t.disabled = 0x5A606A;
    t.accent = 0x7B9AFF, t.accentFill = 0x4567E8, t.accentFillHover = 0x4B6BE9, t.accentFillPressed = 0x3B59C8;
    t.accentSoft = 0x232D4B, t.accentSoftLine = 0x3A4C86, t.onAccent = Qt::white;
    t.good = 0x43BE88, t.goodSoft = 0x173328, t.warning = 0xE8A93B, t.warningSoft = 0x38290F;
    t.error = 0xF0695E, t.errorSoft = 0x3D1E1C, t.onError = 0x1B0A08;
    t.grid = 0x2A2D33, t.axis = 0x4A5059;
    return t;
}

Tokens lightTokens()
{
    Tokens t;
    t.dark = false;
    t.window = 0xF2F3F5, t.panel = Qt::white, t.raised = Qt::white, t.hover = 0xECEEF1, t.pressed = 0xE1E4E9;
    t.canvas = 0xD3D4D6, t.field = Qt::white, t.railActive = 0xE1E5EE;
    t.line = 0xE2E5E9, t.lineStrong = 0xC6CBD2;
    t.text = 0x1A1D21, t.text2 = 0x535A64, t.text3 = 0x69707B, t.disabled = 0xA3A9B2;
    t.accent = 0x3556D8, t.accentFill = 0x3556D8, t.accentFillHover = 0x2A48BF, t.accentFillPressed = 0x24409F;
    t.accentSoft = 0xE6ECFF, t.accentSoftLine = 0xAFC0FA, t.onAccent = Qt::white;
    t.good = 0x137A50, t.goodSoft = 0xDDF3E8, t.warning = 0x8F5B00, t.warningSoft = 0xFBEFD6;
    t.error = 0xC4322A, t.errorSoft = 0xFBE3E1, t.onError = Qt::white;
    t.grid = 0xE6E8EC, t.axis = 0xA9B0B9;
    t.shadowAlpha = 46;
    return t;
}

constexpr std::array<QRgb, kClassColors> kBright { 0x45C8FF, 0xFFC53D, 0x34B886, 0xF062B0, 0xE9E6B0, 0x8F86FF, 0xFF5A2B,
    0xC4E5DF, 0xB07C48, 0xB1BAC4 };
constexpr std::array<QRgb, kClassColors> kInk { 0x0B7CC9, 0xC27400, 0x1E6847, 0xA81E78, 0x605823, 0x5547D0, 0x5D1C03,
    0x023746, 0x986930, 0x3A4F5A };

// The setting of the desktop portal: 1 prefers dark, 2 prefers light, 0 has no preference; nothing when there is no portal.
int portalColorScheme()
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected())
        return 0;
    QDBusMessage ask = QDBusMessage::createMethodCall(QStringLiteral("org.freedesktop.portal.Desktop"),
        QStringLiteral("/org/freedesktop/portal/desktop"), QStringLiteral("org.freedesktop.portal.Settings"),
        QStringLiteral("Read"));
    ask << QStringLiteral("org.freedesktop.appearance") << QStringLiteral("color-scheme");
    const QDBusMessage answer = bus.call(ask, QDBus::Block, /*timeout=*/150);
    if (answer.type() != QDBusMessage::ReplyMessage || answer.arguments().isEmpty())
        return 0;
    QVariant value = answer.arguments().constFirst();
    for (int depth = 0; depth < 3 && value.userType() == qMetaTypeId<QDBusVariant>(); ++depth)
        value = value.value<QDBusVariant>().variant();
    return value.toInt();
}

}

const Tokens& tokensOf(Theme theme)
{
    static const Tokens dark = darkTokens(), light = lightTokens();
    return theme == Theme::Dark ? dark : light;
}

const Tokens& tokens() { return tokensOf(g_theme); }
Theme theme() { return g_theme; }

QColor classBright(int position) { return QColor(kBright[static_cast<std::size_t>(std::max(position, 0) % kClassColors)]); }
QColor classInk(int position) { return QColor(kInk[static_cast<std::size_t>(std::max(position, 0) % kClassColors)]); }

QColor labelColor(int ownColor, int position)
{
    return ownColor >= 0 ? QColor(static_cast<QRgb>(ownColor)) : classBright(position);
}

QPalette paletteOf(Theme theme)
{
    const Tokens& t = tokensOf(theme);
    QPalette p;
    const std::pair<QPalette::ColorRole, QColor> roles[] = { { QPalette::Window, t.window }, { QPalette::Base, t.panel },
        { QPalette::AlternateBase, t.panel }, { QPalette::Button, t.raised }, { QPalette::Text, t.text },
        { QPalette::WindowText, t.text }, { QPalette::ButtonText, t.text }, { QPalette::BrightText, t.text },
        { QPalette::PlaceholderText, t.text3 }, { QPalette::Highlight, t.accentSoft },
        { QPalette::HighlightedText, t.text }, { QPalette::Link, t.accent }, { QPalette::LinkVisited, t.accent },
        { QPalette::Light, t.hover }, { QPalette::Midlight, t.hover }, { QPalette::Mid, t.line },
        { QPalette::Dark, t.lineStrong }, { QPalette::Shadow, t.canvas }, { QPalette::ToolTipBase, t.raised },
        { QPalette::ToolTipText, t.text } };
    for (const auto& [role, color] : roles)
        p.setColor(role, color);
    for (const QPalette::ColorRole role : { QPalette::Text, QPalette::WindowText, QPalette::ButtonText, QPalette::HighlightedText })
        p.setColor(QPalette::Disabled, role, t.disabled);
    return p;
}

void install(QApplication& application, Theme theme)
{
    g_theme = theme;
    application.setStyle(new PerceptStyle);
    installFonts(application);
    setTheme(theme);
}

void setTheme(Theme theme)
{
    g_theme = theme;
    QApplication::setPalette(paletteOf(theme));
    QToolTip::setPalette(paletteOf(theme));
}

Theme systemTheme()
{
    if (const int scheme = portalColorScheme(); scheme != 0)
        return scheme == 2 ? Theme::Light : Theme::Dark;
    const QPalette desktop = QApplication::style() ? QApplication::style()->standardPalette() : QPalette();
    return desktop.color(QPalette::Window).lightness() < 128 ? Theme::Dark : Theme::Light;
}

}
