"""What is built from the repository and what watches over it: the wheel, the image, the site, the forge's workflows."""
