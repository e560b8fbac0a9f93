# One folder = one target = one namespace. The helpers below give every target the same shape.

# moc of Qt 6.4 cannot parse <concepts> of libstdc++ 12: its include guard keeps moc (only moc) out of it.
set(PERCEPT_MOC_OPTIONS -D_GLIBCXX_CONCEPTS=1)

# percept_add_library(NAME base [LAYER core] SRCS ... [PUBLIC_LINK_LIBS ...] [PRIVATE_LINK_LIBS ...])
# Makes the static library percept_NAME of the current folder; headers are included as "LAYER/NAME/file.h".
function(percept_add_library)
  cmake_parse_arguments(ARG "QT" "NAME;LAYER" "SRCS;PUBLIC_LINK_LIBS;PRIVATE_LINK_LIBS" ${ARGN})
  if(NOT ARG_LAYER)
    set(ARG_LAYER core)
  endif()
  set(target percept_${ARG_NAME})
  add_library(${target} STATIC ${ARG_SRCS})
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC ${ARG_PUBLIC_LINK_LIBS} PRIVATE ${ARG_PRIVATE_LINK_LIBS} percept_warnings)
  set_property(GLOBAL APPEND PROPERTY PERCEPT_${ARG_LAYER}_TARGETS ${target})
  if(ARG_QT)
    set_target_properties(${target} PROPERTIES AUTOMOC ON AUTOMOC_MOC_OPTIONS "${PERCEPT_MOC_OPTIONS}")
    target_compile_definitions(${target} PRIVATE QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH)
  endif()
endfunction()

# percept_add_program(NAME percept-edge SRCS ... LINK_LIBS ...)
function(percept_add_program)
  cmake_parse_arguments(ARG "QT" "NAME" "SRCS;LINK_LIBS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_include_directories(${ARG_NAME} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_LINK_LIBS} percept_warnings)
  set_property(GLOBAL APPEND PROPERTY PERCEPT_PROGRAMS ${ARG_NAME})
  if(ARG_QT)
    set_target_properties(${ARG_NAME} PROPERTIES AUTOMOC ON AUTOMOC_MOC_OPTIONS "${PERCEPT_MOC_OPTIONS}")
    target_compile_definitions(${ARG_NAME} PRIVATE QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH)
  endif()
endfunction()

# percept_add_test(NAME core/dataset/store_test SRCS ... LINK_LIBS ... [QT] [SERIAL] [TIMEOUT 60])
# One executable per test folder or file; every GoogleTest case is one ctest case. QT tests bring their own main, SERIAL ones
# run alone: they start programs that want all cores.
function(percept_add_test)
  cmake_parse_arguments(ARG "QT;SERIAL" "NAME;TIMEOUT" "SRCS;LINK_LIBS" ${ARGN})
  string(REPLACE "/" "_" target "test_${ARG_NAME}")
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${target} EXCLUDE_FROM_ALL ${ARG_SRCS})
  target_include_directories(${target} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${ARG_LINK_LIBS} percept_warnings GTest::gtest GTest::gmock)
  target_compile_definitions(${target} PRIVATE
      PERCEPT_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PERCEPT_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  if(ARG_QT)
    set_target_properties(${target} PROPERTIES AUTOMOC ON AUTOMOC_MOC_OPTIONS "${PERCEPT_MOC_OPTIONS}")
  else()
    target_link_libraries(${target} PRIVATE GTest::gtest_main)
  endif()
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test-bin")
  add_dependencies(percept_tests ${target})
  # Listing the cases and running them happen in the same surroundings. (The ENVIRONMENT property cannot carry a list
  # through gtest_discover_tests, and listing would not see it.)
  set_target_properties(${target} PROPERTIES CROSSCOMPILING_EMULATOR
      "${CMAKE_COMMAND};-E;env;QT_QPA_PLATFORM=offscreen;PERCEPT_BIN_DIR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PERCEPT_SHARE_DIR=${CMAKE_BINARY_DIR}/share/percept;PERCEPT_CONFIG_DIR=${CMAKE_BINARY_DIR}/test-config;PYTHONPATH=${PERCEPT_DEPS_DIR}/witness")
  gtest_discover_tests(${target} TEST_PREFIX "${ARG_NAME}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
      PROPERTIES TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL})
endfunction()

# percept_embed(TARGET percept_dataset NAMESPACE percept::dataset::embedded FILES sql/0001.sql ...)
# Generates "embedded_TARGET.h": one `inline constexpr std::string_view` per text file, named after the file
# (dots and dashes become underscores), so that SQL and recipes are files and yet part of the program.
function(percept_embed)
  cmake_parse_arguments(ARG "" "TARGET;NAMESPACE" "FILES" ${ARGN})
  set(header "${CMAKE_CURRENT_BINARY_DIR}/embedded/embedded_${ARG_TARGET}.h")
  set(body "#pragma once\n#include <string_view>\nnamespace ${ARG_NAMESPACE} {\n")
  foreach(file IN LISTS ARG_FILES)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" text)
    get_filename_component(name "${file}" NAME)
    string(MAKE_C_IDENTIFIER "${name}" name)
    string(APPEND body "inline constexpr std::string_view k_${name} = R\"~~embed~~(${text})~~embed~~\";\n")
  endforeach()
  string(APPEND body "}\n")
  file(CONFIGURE OUTPUT "${header}" CONTENT "${body}" @ONLY)
  target_include_directories(${ARG_TARGET} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/embedded")
endfunction()
