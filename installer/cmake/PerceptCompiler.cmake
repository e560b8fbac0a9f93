# Language level, warnings, ccache and output folders, the same for every target of ours.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(PERCEPT_CCACHE ccache)
if(PERCEPT_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${PERCEPT_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_C_COMPILER_LAUNCHER}")
endif()
add_feature_info(ccache PERCEPT_CCACHE "compiled objects are kept between builds")

add_library(percept_warnings INTERFACE)
# maybe-uninitialized: GCC 12 sees ghosts in std::variant and tl::expected.
target_compile_options(percept_warnings INTERFACE -Wall -Wextra -Wno-maybe-uninitialized -Wpedantic -Wold-style-cast
    $<$<BOOL:${PERCEPT_WERROR}>:-Werror>)
