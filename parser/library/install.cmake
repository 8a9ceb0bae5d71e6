# The parser as a library: tracetool::parser for C++ (static), tracetool::tracetool for C (shared).

# Both are made of the same objects as the program: nothing else is compiled for them.
set_target_properties(tt_parser PROPERTIES
  EXPORT_NAME parser OUTPUT_NAME tracetool_parser
  POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
target_compile_features(tt_parser PUBLIC cxx_std_20)
target_include_directories(tt_parser INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# Beside the shared library for users, the tests have the C interface in themselves.
add_library(tt_c OBJECT parser/library/tracetool.cpp)
set_target_properties(tt_c PROPERTIES
  POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
target_compile_definitions(tt_c PRIVATE TRACETOOL_VERSION="${PROJECT_VERSION}")
target_link_libraries(tt_c PUBLIC tt_parser)

# A library for others must not need a sanitizer's runtime of them.
if(TRACETOOL_SANITIZE OR TRACETOOL_FUZZ)
  return()
endif()

add_library(tracetool_c SHARED)
target_link_libraries(tracetool_c PRIVATE tt_c)
# As long as versions begin with 0, the second number is that of the interface.
set_target_properties(tracetool_c PROPERTIES
  EXPORT_NAME tracetool OUTPUT_NAME tracetool LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_include_directories(tracetool_c INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Hidden visibility leaves what the standard library's headers export.
set(TRACETOOL_SYMBOLS ${CMAKE_CURRENT_SOURCE_DIR}/parser/library/tracetool.map)
target_link_options(tracetool_c PRIVATE -Wl,--version-script=${TRACETOOL_SYMBOLS})
set_target_properties(tracetool_c PROPERTIES LINK_DEPENDS ${TRACETOOL_SYMBOLS})
include(CMakePackageConfigHelpers)
set(TRACETOOL_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/tracetool)
install(TARGETS tt_parser tracetool_c EXPORT tracetool_targets)
install(EXPORT tracetool_targets NAMESPACE tracetool:: DESTINATION ${TRACETOOL_PACKAGE}
        FILE tracetool-targets.cmake)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tracetool-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES parser/library/tracetool-config.cmake
              ${PROJECT_BINARY_DIR}/tracetool-config-version.cmake
        DESTINATION ${TRACETOOL_PACKAGE})

# Headers name each other by where they lie, which once installed is below include/tracetool/: so
# they cannot be taken for a user's own parser/.
file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
     parser/model/*.h parser/input/byte_source.h parser/trace_reader.h parser/library/block_reader.h)
set(renamed "")
foreach(header IN LISTS headers)
  set(out ${PROJECT_BINARY_DIR}/include/tracetool/${header})
  get_filename_component(folder ${header} DIRECTORY)
  file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/tracetool/${folder})
  add_custom_command(OUTPUT ${out} DEPENDS ${header} VERBATIM
    COMMAND sed "s,^#include \"parser/,#include \"tracetool/parser/," ${PROJECT_SOURCE_DIR}/${header} > ${out})
  install(FILES ${out} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tracetool/${folder})
  list(APPEND renamed ${out})
endforeach()
add_custom_target(tracetool_headers DEPENDS ${renamed})
install(FILES parser/library/tracetool.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tracetool)

# Who builds only the program can install all of it.
add_dependencies(tracetool tracetool_c tracetool_headers)
