module riddle

go 1.19
