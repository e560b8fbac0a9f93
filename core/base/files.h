#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace percept::base {

// Replaces `path` by `bytes`, or leaves it as it was: temporary file beside it, every write checked, fsync of the file,
// rename, fsync of the folder. An fsync that fails is an error (QSaveFile would hide it). What is there and no regular file
// (a folder, a device) is left alone.
Result<void> atomicWrite(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
Result<void> atomicWrite(const std::filesystem::path& path, std::string_view text);

// Puts the names in a folder on disk: before that a power cut may take back a rename.
Result<void> syncFolder(const std::filesystem::path& folder);
// Puts everything on disk that was written to the file system of `folder`: for many files at once.
Result<void> syncAllUnder(const std::filesystem::path& folder);
// Puts the folder `fresh`, whose content is on disk, in the place of `folder`: whoever looks, also after a power cut, finds the old one
// or the new one, whole. What was there is deleted. Where it fails, `fresh` stays.
Result<void> replaceFolder(const std::filesystem::path& fresh, const std::filesystem::path& folder);

// Whole file, refused when it is not a regular file or is larger than maxBytes.
Result<std::vector<std::uint8_t>> readFile(const std::filesystem::path& path, std::uint64_t maxBytes = 1ull << 31);
Result<std::string> readTextFile(const std::filesystem::path& path, std::uint64_t maxBytes = 1ull << 28);

// Joins `name`, which comes from outside, to `root`. Refused: absolute names, "..", empty parts, NUL, backslash drive
// names, and links that lead out of root. The result exists only if the file does.
Result<std::filesystem::path> safePath(const std::filesystem::path& root, std::string_view name);

// The folder of the running program, for finding its sister programs and shared files.
std::filesystem::path programFolder();
// programFolder()/NAME; PERCEPT_BIN_DIR in the environment wins (tests, packaging).
std::filesystem::path sisterProgram(std::string_view name);
// Shared read-only files (weights, help): PERCEPT_SHARE_DIR, else programFolder()/../share/percept.
std::filesystem::path shareFolder();
// User's own files (keys, recent projects): PERCEPT_CONFIG_DIR, else XDG_CONFIG_HOME/percept, else ~/.config/percept.
std::filesystem::path configFolder();

// A sentence for an errno: "the disk is full", "no permission", ...
std::string describeErrno(int errorNumber);

}
