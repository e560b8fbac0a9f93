#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace percept::base {

// New files and folders whose names end in six random letters. Unlike those of mkstemp() and mkdtemp() they get the rights that
// the user's umask leaves, given by the kernel: asking for the mask would mean setting it, for all threads of the process.

// Opens a new file for writing; `name` gets the letters. The descriptor, or -1 with errno.
int openFreshFile(std::string& name);
// Makes a new folder and gives its path; an error with the path and errno's sentence.
Result<std::filesystem::path> makeFreshFolder(const std::filesystem::path& prefix);

}
